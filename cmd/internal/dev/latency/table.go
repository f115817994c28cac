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
	{"plain 100 ms apart: p50", "%.1f", func(r result) float64 { return r.Typed.PressUser.Med }},
	{"p99", "%.1f", func(r result) float64 { return r.Typed.PressUser.P99 }},
	{"plain, kernel stamps", "%.1f", func(r result) float64 { return r.Pass.PressKernel.Med }},
	{"plain beside 2 busy loops", "%.1f", func(r result) float64 { return r.Loaded.PressUser.Med }},
	{"p99", "%.1f", func(r result) float64 { return r.Loaded.PressUser.P99 }},
	{"lost", "%.0f", func(r result) float64 { return r.Pass.Lost + r.Remap.Lost + r.Combo.Lost + r.Loaded.Lost }},
	{"wrong", "%.0f", func(r result) float64 { return r.Pass.Wrong + r.Remap.Wrong + r.Combo.Wrong + r.Loaded.Wrong }},
}

var costs = []column{
	{"burst events/s", "%.0f", func(r result) float64 { return r.Burst.Rate }},
	{"CPU µs/event", "%.2f", func(r result) float64 { return r.Burst.CPU }},
	{"lost", "%.0f", func(r result) float64 { return r.Burst.Lost }},
	{"CPU µs/event 4 ms apart", "%.1f", func(r result) float64 { return r.Pass.CPU }},
	{"100 ms apart", "%.1f", func(r result) float64 { return r.Typed.CPU }},
	{"switches/event 4 ms apart", "%.1f", func(r result) float64 { return r.Pass.Switches }},
	{"100 ms apart", "%.1f", func(r result) float64 { return r.Typed.Switches }},
	{"RSS MB", "%.1f", func(r result) float64 { return r.Mem.RSS / 1024 }},
	{"grabbed after ms", "%.0f", func(r result) float64 { return r.Grab }},
	{"first key after ms", "%.0f", func(r result) float64 { return r.Ready }},
	{"second keyboard grabbed after ms", "%.0f", func(r result) float64 { return r.Hotplug }},
	{"idle switches/s", "%.2f", func(r result) float64 { return r.Idle.Switches }},
	{"idle CPU ms/s", "%.3f", func(r result) float64 { return r.Idle.CPU }},
	{"overflows that left a key down", "%.0f", func(r result) float64 { return r.Flood.Stuck }},
}

// goal is one of the project's measures: the most that toshy's figure may be, or its ratio to floor's. Ratios are of
// medians. Half of the presses take 1.2 µs longer than the other half, on every peer, so that a median falls to either side
// by chance; the means beside it tell when it did.
type goal struct {
	what  string
	unit  string
	most  float64
	ratio bool
	column
}

var goals = []goal{
	{"plain key, times floor", "", 1.15, true, column{figure: func(r result) float64 { return r.Pass.PressUser.Med }}},
	{"remapped key, times floor", "", 1.15, true, column{figure: func(r result) float64 { return r.Remap.PressUser.Med }}},
	{"combo, times floor", "", 1.25, true, column{figure: func(r result) float64 { return r.Combo.PressUser.Med }}},
	{"CPU per event in a burst", " µs", 17.9, false, cost("CPU µs/event")},
	{"resident memory", " MB", 15, false, cost("RSS MB")},
	{"keyboard grabbed after start", " ms", 50, false, cost("grabbed after ms")},
	{"plugged keyboard grabbed after its node", " ms", 50, false, cost("second keyboard grabbed after ms")},
	{"context switches when idle", "/s", 0, false, cost("idle switches/s")},
	{"overflows that left a key down", "", 0, false, cost("overflows that left a key down")},
}

// cost is the column of that name.
func cost(head string) column {
	return costs[slices.IndexFunc(costs, func(c column) bool { return c.head == head })]
}

// writeTables prints Markdown: each figure is the median of the runs.
func writeTables(w io.Writer, peers []runs) {
	fmt.Fprintf(w, "Virtual time, median of %d runs. Latency of a press in µs, from write() on the keyboard to read() off the output:\n\n", len(peers[0]))
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
