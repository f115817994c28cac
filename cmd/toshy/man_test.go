package main

import (
	"strings"
	"testing"
)

// Every command for users has a manual page, and each page shows how to use the command.
func TestManualPages(t *testing.T) {
	pages := manualPages(newRoot())
	if len(pages) < 60 {
		t.Errorf("only %d pages", len(pages))
	}
	for name, text := range pages {
		for _, section := range []string{"NAME", "FILES", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"} {
			if !strings.Contains(string(text), "\n.SH "+section+"\n") {
				t.Errorf("%s has no section %s", name, section)
			}
		}
	}
	if text := string(pages["toshy-keys.1"]); !strings.Contains(text, `.TP`+"\n"+`\fB\-\-press\fP`+"\n") {
		t.Errorf("a flag is missing:\n%s", text)
	}
}
