// Package e2e tests the daemon from the outside on a real kernel: in the virtual machine of package vm, the hypervisor
// presses keys on the machine's real keyboards, the daemon grabs them, and a reader of the daemon's virtual keyboard sees
// what an application would see.
//
// Everything is in tests with the build tag vm, because they run inside the machine: make e2e.
//
// Keys have the kernel's names, in lower case without KEY_, with a sign: "+leftctrl +c -c -leftctrl" presses and releases,
// "~c" is a repeat of a held key.
package e2e
