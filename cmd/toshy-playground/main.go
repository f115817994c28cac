//go:build !js

package main

import "log"

func main() {
	log.Fatal("toshy-playground runs in a web page: make playground")
}
