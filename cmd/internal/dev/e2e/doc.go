// Package e2e tests the daemon from the outside on a real kernel: in the virtual machine of package vm the hypervisor
// presses keys on keyboards that the machine really has, the daemon grabs them, and a reader on the daemon's virtual
// keyboard sees what an application would see.
//
// Everything is in tests with the build tag vm, because they run inside the machine: make e2e.
//
// Keys are written as the kernel names them, in lower case without KEY_, and signed: "+leftctrl +c -c -leftctrl" presses
// and releases, "~c" is a repeat of a held key.
package e2e
