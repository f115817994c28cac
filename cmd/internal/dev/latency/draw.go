package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The picture has a panel with the mean at each pace: the lower and flatter, the better. Each other panel shows one kind of
// key. A line shows which share of the presses had come out after some time: the steeper and further left, the better.
const (
	panelWidth, panelHeight = 260.0, 220.0
	left, top, gap, bottom  = 56.0, 80.0, 56.0, 56.0
)

var (
	panels = []struct {
		title  string
		series func(result) series
	}{
		{"plain key, 100 ms apart", func(r result) series { return r.Pace100.PressUser }},
		{"combo", func(r result) series { return r.Combo.PressUser }},
	}
	paces = []struct {
		title  string
		series func(result) series
	}{
		{"4 ms", func(r result) series { return r.Pace4.PressUser }},
		{"20 ms", func(r result) series { return r.Pace20.PressUser }},
		{"100 ms", func(r result) series { return r.Pace100.PressUser }},
		{"1 s", func(r result) series { return r.Pace1000.PressUser }},
	}
	// Colours that colour-blind people can distinguish (Okabe and Ito).
	colours = []string{"#767676", "#0072b2", "#d55e00", "#009e73", "#cc79a7"}
)

func drawTo(path string, peers []runs) error {
	var b bytes.Buffer
	draw(&b, peers)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// draw writes an SVG.
func draw(w io.Writer, peers []runs) {
	width := left + float64(1+len(panels))*(panelWidth+gap)
	height := top + panelHeight + bottom
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="12" fill="#333">`+"\n", width, height)
	fmt.Fprintf(w, `<rect width="%g" height="%g" fill="#fff"/>`+"\n", width, height)
	text(w, left, 20, "start", "15", "How long a key takes, by the time between keys, and how that spreads")
	x := left
	for i, p := range peers {
		fmt.Fprintf(w, `<line x1="%g" x2="%g" y1="38" y2="38" stroke="%s" stroke-width="2.5"/>`+"\n", x, x+22, colours[i%len(colours)])
		text(w, x+28, 42, "start", "12", p[0].Peer)
		x += 44 + 8*float64(len(p[0].Peer))
	}
	drawPaces(w, left, peers)
	for i, panel := range panels {
		drawPanel(w, left+float64(1+i)*(panelWidth+gap), panel.title, peers, panel.series)
	}
	fmt.Fprintln(w, "</svg>")
}

// drawPaces draws the panel of means: the time between keys on the horizontal axis, microseconds on the vertical one.
func drawPaces(w io.Writer, x0 float64, peers []runs) {
	mean := func(p runs, pace int) float64 {
		return p.median(func(r result) float64 { return paces[pace].series(r).Mean })
	}
	highest := 0.0
	for _, p := range peers {
		for pace := range paces {
			highest = max(highest, mean(p, pace))
		}
	}
	step := tick(highest)
	end := step * math.Ceil(highest*1.1/step)
	px := func(pace int) float64 { return x0 + (0.5+float64(pace))*panelWidth/float64(len(paces)) }
	py := func(us float64) float64 { return top + (1-us/end)*panelHeight }
	text(w, x0+panelWidth/2, top-8, "middle", "12", "plain key, mean in µs of virtual time")
	for us := 0.0; us <= end+step/2; us += step {
		fmt.Fprintf(w, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#e4e4e4"/>`+"\n", x0, x0+panelWidth, py(us), py(us))
		text(w, x0-8, py(us)+4, "end", "11", fmt.Sprintf("%g", us))
	}
	for pace, p := range paces {
		text(w, px(pace), py(0)+18, "middle", "11", p.title)
	}
	text(w, x0+panelWidth/2, py(0)+38, "middle", "11", "time between keys")
	for i, p := range peers {
		fmt.Fprintf(w, `<path fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round" d="`, colours[i%len(colours)])
		for pace := range paces {
			fmt.Fprintf(w, "%c%.1f %.1f", "ML"[min(pace, 1)], px(pace), py(mean(p, pace)))
		}
		fmt.Fprintln(w, `"/>`)
	}
}

func drawPanel(w io.Writer, x0 float64, title string, peers []runs, get func(result) series) {
	samples := make([][]float64, len(peers))
	longest := 0.0
	for i, p := range peers {
		for _, r := range p {
			samples[i] = append(samples[i], get(r).Samples...)
		}
		slices.Sort(samples[i])
		if n := len(samples[i]); n > 0 {
			longest = max(longest, samples[i][n*995/1000]) // what is rarer is in the table, as the maximum
		}
	}
	step := tick(longest)
	end := step * math.Ceil(longest*1.02/step)
	px := func(us float64) float64 { return x0 + us/end*panelWidth }
	py := func(share float64) float64 { return top + (1-share)*panelHeight }

	text(w, x0+panelWidth/2, top-8, "middle", "12", title)
	for share := 0.0; share <= 1; share += 0.25 {
		fmt.Fprintf(w, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#e4e4e4"/>`+"\n", x0, x0+panelWidth, py(share), py(share))
		text(w, x0-8, py(share)+4, "end", "11", fmt.Sprintf("%.0f %%", share*100))
	}
	for us := 0.0; us <= end+step/2; us += step {
		fmt.Fprintf(w, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#999"/>`+"\n", px(us), px(us), py(0), py(0)+4)
		text(w, px(us), py(0)+18, "middle", "11", fmt.Sprintf("%g", us))
	}
	text(w, x0+panelWidth/2, py(0)+38, "middle", "11", "µs of virtual time")
	for i, s := range samples {
		if len(s) == 0 {
			continue
		}
		fmt.Fprintf(w, `<path fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round" d="M%.1f %.1f`, colours[i%len(colours)], px(0), py(0))
		for n, us := range s {
			if us > end {
				break
			}
			if n > 0 && s[n-1] == us && n+1 < len(s) && s[n+1] == us {
				continue // inside a vertical stretch
			}
			fmt.Fprintf(w, "H%.1fV%.1f", px(us), py(float64(n+1)/float64(len(s))))
		}
		fmt.Fprintf(w, `H%.1f"/>`+"\n", px(end))
	}
}

// tick returns a round distance for about five marks up to longest.
func tick(longest float64) float64 {
	if longest <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(longest/5)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*unit*5 >= longest {
			return m * unit
		}
	}
	return 10 * unit
}

func text(w io.Writer, x, y float64, anchor, size, s string) {
	fmt.Fprintf(w, `<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%s">%s</text>`+"\n", x, y, anchor, size, html.EscapeString(strings.TrimSpace(s)))
}
