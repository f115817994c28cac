package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// series are one kind of latency in one run, in µs.
type series struct {
	N                             int
	Min, Med, P90, P99, Max, Mean float64
	Samples                       []float64
}

// kind is one way to press: an unmapped key, a remapped one, a combo, and an unmapped one while busy loops run.
type kind struct {
	Lost, Wrong float64
	CPU         float64 `json:"cpu_us_per_event"`
	Switches    float64 `json:"switches_per_event"`
	PressUser   series  `json:"press_user"`   // from before write() on the keyboard to after read() off the output
	PressKernel series  `json:"press_kernel"` // between the kernel's stamps on the two events
}

// result is what the harness measured for one peer in one run, in its own format.
type result struct {
	Peer                       string
	Grab                       float64 `json:"grab_ms"`
	Ready                      float64 `json:"ready_ms"`
	Pass, Remap, Combo, Loaded kind
	// An unmapped key, with this many ms between presses, each pace after half a minute of rest. People press keys some 100
	// ms apart.
	Pace4, Pace20, Pace100, Pace1000 kind
	Burst                            struct {
		Sent, Lost, Wrong float64
		Rate              float64 `json:"events_per_s"`
		CPU               float64 `json:"cpu_us_per_event"`
	}
	Mem struct {
		RSS float64 `json:"rss_kib"`
	}
	Idle struct {
		Switches float64 `json:"switches_per_s"`
		CPU      float64 `json:"cpu_ms_per_s"`
	}
	Flood struct {
		Runs, Sent, Got float64
		Stuck           float64 `json:"stuck_runs"`
	}
	Hotplug float64 `json:"hotplug_ms"` // -1: never grabbed
	EndLost float64 `json:"end_lost"`
	Died    int
	Back    float64 `json:"back_ms"` // from SIGTERM until the keyboard is no longer grabbed
	Stop    float64 `json:"stop_ms"` // from SIGTERM to the end of the process
}

func readResults(r io.Reader) ([]result, error) {
	var all []result
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<22)
	for s.Scan() {
		var one result
		if err := json.Unmarshal(s.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("the harness's result: %w", err)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, errors.New("the harness gave no result")
	}
	return all, s.Err()
}

// runs are a peer's results, one for each run.
type runs []result

// byPeer groups results; peers keep the order in which they were measured.
func byPeer(all []result) []runs {
	var groups []runs
	for _, r := range all {
		i := slices.IndexFunc(groups, func(g runs) bool { return g[0].Peer == r.Peer })
		if i < 0 {
			groups = append(groups, runs{r})
		} else {
			groups[i] = append(groups[i], r)
		}
	}
	return groups
}

// median of a figure over the runs; for an even number, the upper of the middle two.
func (rs runs) median(figure func(result) float64) float64 {
	var v []float64
	for _, r := range rs {
		v = append(v, figure(r))
	}
	slices.Sort(v)
	return v[len(v)/2]
}
