package config

import "testing"

// TestAbbreviationsOfTwoFiles: the including file changes and removes abbreviations of the included one.
func TestAbbreviationsOfTwoFiles(t *testing.T) {
	c, err := Parse("/own.toml", []byte("extends = \"none\"\ninclude = [\"base.toml\"]\n[abbreviations.mine.texts]\nsig = \"new\"\nomw = \"unset\"\nlol = \"loud\"\n"),
		Options{Files: Texts{"/base.toml": []byte("[abbreviations.mine.texts]\nsig = \"old\"\nbtw = \"by the way\"\nomw = \"on my way\"\n")}})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, w := range c.Program.Abbreviations[0].Words {
		got += w.Short + "=" + w.Text + ";"
	}
	if want := "btw=by the way;sig=new;lol=loud;"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
