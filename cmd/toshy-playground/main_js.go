package main

import "syscall/js"

func main() {
	p := &playground{}
	if err := p.save(""); err != nil {
		panic(err) // tests check that the built-in configuration is valid
	}
	js.Global().Set("toshyCall", js.FuncOf(func(_ js.Value, args []js.Value) any { return p.answer(args[0].String(), args[1].String()) }))
	select {} // keep running: the page asks
}
