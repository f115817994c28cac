package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// One line in the format of kbdbench, shortened to what is read here.
const line = `{"peer":"NAME","grab_ms":GRAB,"ready_ms":4,"pace4":{"lost":0,"wrong":0,"cpu_us_per_event":13,` +
	`"press_user":{"n":3,"min":20,"med":21,"p90":22,"p99":23,"max":24,"mean":21.5,"samples":[20.0,21.0,24.0]}},` +
	`"burst":{"sent":10,"lost":0,"events_per_s":100,"cpu_us_per_event":8.5},"mem":{"rss_kib":2048},"hotplug_ms":-1}` + "\n"

func sample(t *testing.T, nameAndGrab ...string) []runs {
	t.Helper()
	var text string
	for i := 0; i < len(nameAndGrab); i += 2 {
		text += strings.NewReplacer("NAME", nameAndGrab[i], "GRAB", nameAndGrab[i+1]).Replace(line)
	}
	all, err := readResults(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return byPeer(all)
}

func TestResultsAreGroupedAndReduced(t *testing.T) {
	peers := sample(t, "floor", "9", "toshy", "70", "floor", "1", "toshy", "60", "floor", "5", "toshy", "80")
	if len(peers) != 2 || peers[0][0].Peer != "floor" || len(peers[1]) != 3 {
		t.Fatalf("grouped wrongly: %v", peers)
	}
	if got := peers[0].median(func(r result) float64 { return r.Grab }); got != 5 {
		t.Errorf("median %v, want 5", got)
	}
	var b bytes.Buffer
	writeTables(&b, peers)
	for _, want := range []string{
		"| plain key, 4 ms apart, times floor | 1.08 | 1.00 | met |",
		"| keyboard grabbed after start | 35 ms | 70 ms | MISSED |",
		"| plugged keyboard grabbed after its node | 50 ms | -1 ms | MISSED |", // it never came
		"| resident memory | 8 MB | 2.0 MB | met |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestNoResultIsAnError(t *testing.T) {
	for _, text := range []string{"", "{", line[:40]} {
		if _, err := readResults(strings.NewReader(text)); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestPictureIsXMLWithALineForEachPeer(t *testing.T) {
	var b bytes.Buffer
	draw(&b, sample(t, "floor", "1", "a<b", "1"))
	paths := 0
	for d := xml.NewDecoder(&b); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "path" {
			paths++
		}
	}
	if paths != 2 { // only the panel with the paces has data
		t.Errorf("%d lines, want 2", paths)
	}
}

func TestTick(t *testing.T) {
	for longest, want := range map[float64]float64{0: 1, 4: 1, 22: 5, 26: 10, 61: 20, 1300: 500} {
		if got := tick(longest); got != want {
			t.Errorf("up to %v: %v, want %v", longest, got, want)
		}
	}
}
