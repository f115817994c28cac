package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A desktop that toshy follows during a measurement: a server in the guest that speaks sway's IPC (sway-ipc(7)), correctly
// or not. It runs in separate processes; only its cost for toshy is measured.

const desktopSocket = "/tmp/sway-ipc.sock"

// Types of messages of the IPC.
const (
	ipcSubscribe = 2
	ipcTree      = 4
	ipcWindow    = 0x80000003
)

// desktops are the kinds of desktop: what each does with a client that connects.
var desktops = map[string]func(c net.Conn){
	"idle":   func(c net.Conn) { greet(c, ""); wait(c) },
	"hung":   wait,
	"half":   func(c net.Conn) { greet(c, ""); m := titled("x"); send(c, m[:len(m)/2]); wait(c) },
	"lying":  func(c net.Conn) { send(c, message(0x7fffffff, strings.Repeat("\xff{\"", 1000))) },
	"titles": func(c net.Conn) { greet(c, ""); flood(c, 10*time.Millisecond, 100, 40) }, // 10,000 a second
	"huge":   func(c net.Conn) { greet(c, ""); flood(c, 100*time.Millisecond, 1, 1<<20) },
}

// serveDesktop is the role of this program as a desktop in the guest.
func serveDesktop(kind string) error {
	serve := desktops[kind]
	if serve == nil {
		return fmt.Errorf("no desktop %q", kind)
	}
	l, err := net.Listen("unix", desktopSocket)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() { defer c.Close(); serve(c) }()
	}
}

// startDesktop starts a desktop of a kind and returns a function that ends it.
func startDesktop(kind string) (end func(), err error) {
	_ = os.Remove(desktopSocket) // of the one before
	c := exec.Command("/proc/self/exe", "desktop", kind)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, err
	}
	end = func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	for range 1000 {
		if _, err := os.Stat(desktopSocket); err == nil {
			return end, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	end()
	return nil, fmt.Errorf("the desktop %q never listened", kind)
}

func message(typ uint32, body string) []byte {
	b := binary.NativeEndian.AppendUint32([]byte("i3-ipc"), uint32(len(body)))
	return append(binary.NativeEndian.AppendUint32(b, typ), body...)
}

// container is a window in sway's description, with most of its fields.
func container(title string) string {
	return `{"id":5,"type":"con","orientation":"none","percent":0.5,"urgent":false,"marks":[],"focused":true,"layout":"none","border":"normal",` +
		`"current_border_width":2,"rect":{"x":0,"y":25,"width":512,"height":743},"deco_rect":{"x":0,"y":0,"width":0,"height":0},` +
		`"window_rect":{"x":2,"y":0,"width":508,"height":741},"geometry":{"x":0,"y":0,"width":240,"height":160},"window":null,"nodes":[],` +
		`"floating_nodes":[],"focus":[],"fullscreen_mode":0,"sticky":false,"pid":1,"app_id":"kitty","visible":true,"shell":"xdg_shell",` +
		`"inhibit_idle":false,"idle_inhibitors":{"user":"none","application":"none"},"name":"` + title + `"}`
}

func titled(title string) []byte {
	return message(ipcWindow, `{"change":"title","container":`+container(title)+`}`)
}

// greet answers the subscription and the request for the tree.
func greet(c net.Conn, title string) {
	head := make([]byte, 14)
	for range 2 {
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, c, int64(binary.NativeEndian.Uint32(head[6:]))); err != nil {
			return
		}
		switch typ := binary.NativeEndian.Uint32(head[10:]); typ {
		case ipcSubscribe:
			send(c, message(typ, `{"success":true}`))
		case ipcTree:
			send(c, message(typ, `{"id":1,"type":"root","focused":false,"nodes":[`+container(title)+`]}`))
		}
	}
}

func send(c net.Conn, b []byte) bool {
	_, err := c.Write(b)
	return err == nil
}

// wait reads what the client sends, until it disconnects.
func wait(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// flood sends n titles per interval, until the client disconnects.
func flood(c net.Conn, every time.Duration, n, length int) {
	for turn := 0; ; turn++ {
		var b []byte
		for i := range n {
			b = append(b, titled(fmt.Sprintf("%d ", turn*n+i)+strings.Repeat("~", length))...)
		}
		if !send(c, b) {
			return
		}
		time.Sleep(every)
	}
}
