// Package browsertest drives the page of toshy ui and the playground in a real Chromium, as a person does. It is a
// module of its own, since only these tests need a browser.
package browsertest
