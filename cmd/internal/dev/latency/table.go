package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// column is a figure in a table.
type column struct {
	head   string
	format string
	figure func(result) float64
}

// means is the mean and the spread of a key's cost at each pace.
var paced = []column{
	{"4 ms: mean", "%.1f", func(r result) float64 { return r.Pace4.PressUser.Mean }},
	{"p99", "%.1f", func(r result) float64 { return r.Pace4.PressUser.P99 }},
	{"20 ms: mean", "%.1f", func(r result) float64 { return r.Pace20.PressUser.Mean }},
	{"p99", "%.1f", func(r result) float64 { return r.Pace20.PressUser.P99 }},
	{"100 ms: mean", "%.1f", func(r result) float64 { return r.Pace100.PressUser.Mean }},
	{"p99", "%.1f", func(r result) float64 { return r.Pace100.PressUser.P99 }},
	{"1 s: mean", "%.1f", func(r result) float64 { return r.Pace1000.PressUser.Mean }},
	{"p99", "%.1f", func(r result) float64 { return r.Pace1000.PressUser.P99 }},
	{"CPU µs/event, 4 ms", "%.1f", func(r result) float64 { return r.Pace4.CPU }},
	{"20 ms", "%.1f", func(r result) float64 { return r.Pace20.CPU }},
	{"100 ms", "%.1f", func(r result) float64 { return r.Pace100.CPU }},
	{"1 s", "%.1f", func(r result) float64 { return r.Pace1000.CPU }},
	{"switches/event, 100 ms", "%.1f", func(r result) float64 { return r.Pace100.Switches }},
}

var latencies = []column{
	{"plain key: mean", "%.1f", func(r result) float64 { return r.Pass.PressUser.Mean }},
	{"p50", "%.1f", func(r result) float64 { return r.Pass.PressUser.Med }},
	{"p99", "%.1f", func(r result) float64 { return r.Pass.PressUser.P99 }},
	{"remapped: mean", "%.1f", func(r result) float64 { return r.Remap.PressUser.Mean }},
	{"p50", "%.1f", func(r result) float64 { return r.Remap.PressUser.Med }},
	{"p99", "%.1f", func(r result) float64 { return r.Remap.PressUser.P99 }},
	{"combo: mean", "%.1f", func(r result) float64 { return r.Combo.PressUser.Mean }},
	{"p50", "%.1f", func(r result) float64 { return r.Combo.PressUser.Med }},
	{"p99", "%.1f", func(r result) float64 { return r.Combo.PressUser.P99 }},
	{"plain, kernel stamps", "%.1f", func(r result) float64 { return r.Pass.PressKernel.Med }},
	{"plain beside 2 busy loops", "%.1f", func(r result) float64 { return r.Loaded.PressUser.Med }},
	{"p99", "%.1f", func(r result) float64 { return r.Loaded.PressUser.P99 }},
	{"lost", "%.0f", func(r result) float64 { return r.sum(func(k kind) float64 { return k.Lost }) }},
	{"wrong", "%.0f", func(r result) float64 { return r.sum(func(k kind) float64 { return k.Wrong }) }},
}

// sum adds up a figure of all kinds of keys.
func (r result) sum(figure func(kind) float64) (n float64) {
	for _, k := range []kind{r.Pass, r.Remap, r.Combo, r.Loaded, r.Pace4, r.Pace20, r.Pace100, r.Pace1000} {
		n += figure(k)
	}
	return n
}

var costs = []column{
	{"burst events/s", "%.0f", func(r result) float64 { return r.Burst.Rate }},
	{"CPU µs/event", "%.2f", func(r result) float64 { return r.Burst.CPU }},
	{"lost", "%.0f", func(r result) float64 { return r.Burst.Lost }},
	{"RSS MB", "%.1f", func(r result) float64 { return r.Mem.RSS / 1024 }},
	{"grabbed after ms", "%.0f", func(r result) float64 { return r.Grab }},
	{"first key after ms", "%.0f", func(r result) float64 { return r.Ready }},
	{"second keyboard grabbed after ms", "%.0f", func(r result) float64 { return r.Hotplug }},
	{"idle switches/s", "%.2f", func(r result) float64 { return r.Idle.Switches }},
	{"idle CPU ms/s", "%.3f", func(r result) float64 { return r.Idle.CPU }},
	{"overflows that left a key down", "%.0f", func(r result) float64 { return r.Flood.Stuck }},
	{"keyboard back after ms", "%.0f", func(r result) float64 { return r.Back }},
	{"ended after ms", "%.0f", func(r result) float64 { return r.Stop }},
}

// goal is one of the project's targets: the maximum of toshy's figure, or of its ratio to floor's. Ratios use means: on
// every peer, half of the presses take 1.1 µs longer than the other half, so a median lands on either side by chance.
type goal struct {
	what  string
	unit  string
	most  float64
	ratio bool
	column
}

var goals = []goal{
	{"plain key, 4 ms apart, times floor", "", 1.08, true, column{figure: func(r result) float64 { return r.Pace4.PressUser.Mean }}},
	{"plain key, 100 ms apart, times floor", "", 1.15, true, column{figure: func(r result) float64 { return r.Pace100.PressUser.Mean }}},
	{"plain key, 1 s apart, times floor", "", 1.15, true, column{figure: func(r result) float64 { return r.Pace1000.PressUser.Mean }}},
	{"remapped key, times floor", "", 1.15, true, column{figure: func(r result) float64 { return r.Remap.PressUser.Mean }}},
	{"combo, times floor", "", 1.08, true, column{figure: func(r result) float64 { return r.Combo.PressUser.Mean }}},
	{"CPU per event 100 ms apart", " µs", 25, false, column{format: "%.1f", figure: func(r result) float64 { return r.Pace100.CPU }}},
	{"CPU per event in a burst", " µs", 17.9, false, cost("CPU µs/event")},
	{"resident memory", " MB", 8, false, cost("RSS MB")},
	{"keyboard grabbed after start", " ms", 35, false, cost("grabbed after ms")},
	{"plugged keyboard grabbed after its node", " ms", 50, false, cost("second keyboard grabbed after ms")},
	{"end after SIGTERM", " ms", 10, false, cost("ended after ms")},
	{"context switches when idle", "/s", 0.03, false, cost("idle switches/s")},
	{"overflows that left a key down", "", 0, false, cost("overflows that left a key down")},
}

// cost is the column of that name.
func cost(head string) column {
	return costs[slices.IndexFunc(costs, func(c column) bool { return c.head == head })]
}

// writeTables prints Markdown. Each figure is the median of the runs.
func writeTables(w io.Writer, peers []runs) {
	fmt.Fprintf(w, "Virtual time, median of %d runs. Latency of a press in µs, from write() on the keyboard to read() off the output.\n", len(peers[0]))
	fmt.Fprintf(w, "\nA plain key by pace, each after half a minute of rest:\n\n")
	writeTable(w, peers, paced)
	fmt.Fprintf(w, "\nKinds of keys, 4 ms apart:\n\n")
	writeTable(w, peers, latencies)
	fmt.Fprintf(w, "\nThroughput, footprint, robustness:\n\n")
	writeTable(w, peers, costs)
	var floor, toshy runs
	for _, p := range peers {
		switch p[0].Peer {
		case "floor":
			floor = p
		case "toshy":
			toshy = p
		}
	}
	if floor != nil && toshy != nil {
		fmt.Fprintf(w, "\nGoals:\n\n")
		writeGoals(w, floor, toshy)
	}
}

func writeTable(w io.Writer, peers []runs, columns []column) {
	fmt.Fprint(w, "| |")
	for _, c := range columns {
		fmt.Fprintf(w, " %s |", c.head)
	}
	fmt.Fprintf(w, "\n| --- |%s\n", strings.Repeat(" --: |", len(columns)))
	for _, p := range peers {
		fmt.Fprintf(w, "| %s |", p[0].Peer)
		for _, c := range columns {
			fmt.Fprintf(w, " "+c.format+" |", p.median(c.figure))
		}
		fmt.Fprintln(w)
	}
}

func writeGoals(w io.Writer, floor, toshy runs) {
	fmt.Fprint(w, "| goal | at most | toshy | |\n| --- | --: | --: | --- |\n")
	for _, g := range goals {
		v, format := toshy.median(g.figure), g.format
		if g.ratio {
			v, format = v/floor.median(g.figure), "%.2f"
		}
		verdict := "met"
		if v > g.most || v < 0 {
			verdict = "MISSED"
		}
		fmt.Fprintf(w, "| %s | %g%s | "+format+"%s | %s |\n", g.what, g.most, g.unit, v, g.unit, verdict)
	}
}
