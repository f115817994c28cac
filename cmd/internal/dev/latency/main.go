// latency measures from the outside how long a key takes through toshy, and through the minimum of any remapper: in one
// boot of the virtual machine, in virtual time, with the harness c/kbdbench.c.
//
//	latency [-runs N] [-svg FILE] PEER...
//
// Virtual time advances 1 ns per instruction of the machine's only CPU and skips idle time. So a latency in "µs" is the
// number of instructions, in thousands, between the key and its output. It repeats to within a percent on a busy computer.
// Read ratios and order, not absolute values.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"toshy/cmd/internal/dev/vm"
)

func main() {
	vm.Init()
	var err error
	switch {
	case !vm.Inside():
		err = run()
	case len(os.Args) == 3 && os.Args[1] == "desktop":
		err = serveDesktop(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "clients":
		err = serveClients()
	case len(os.Args) == 4 && os.Args[1] == "service":
		err = becomeService(os.Args[2], os.Args[3])
	default:
		err = measureInside(os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

func run() error {
	runs := flag.Int("runs", 3, "how many `times` to boot and measure")
	svg := flag.String("svg", "", "draw the distributions into this `file`")
	toshy := flag.String("toshy", ".cache/bin/toshy", "the `program` to measure as toshy")
	verbose := flag.Bool("v", false, "show the harness's own report of each run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "toshy-latency-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	var peers []peer
	for _, name := range flag.Args() {
		p, err := newPeer(name, *toshy, dir)
		if err != nil {
			return err
		}
		peers = append(peers, p)
	}
	harness, err := compile("kbdbench", dir)
	if err != nil {
		return err
	}
	report := io.Discard
	if *verbose {
		report = os.Stderr
	}
	var results []result
	for n := range *runs {
		began := time.Now()
		r, err := measure(ctx, peers, harness, dir, report)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "latency: run %d of %d took %.0f s\n", n+1, *runs, time.Since(began).Seconds())
		results = append(results, r...)
	}
	writeTables(os.Stdout, byPeer(results))
	if *svg != "" {
		return drawTo(*svg, byPeer(results))
	}
	return nil
}

// measure boots once and measures all peers. Its error contains the harness's output.
func measure(ctx context.Context, peers []peer, harness, dir string, report io.Writer) ([]result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var out, log bytes.Buffer
	c := vm.Config{
		Command:     []string{"/bin/latency"},
		Files:       []vm.File{{Source: self, Target: "/bin/latency"}, {Source: harness, Target: "/bin/kbdbench"}},
		VirtualTime: true, Memory: 1024, // enough that the kernel chooses huge pages, as people's machines do
		Timeout: time.Duration(1+3*len(peers)) * time.Minute,
		Stdout:  &out, Stderr: io.MultiWriter(&log, report),
	}
	for _, p := range peers {
		command, err := json.Marshal(job{p.name, p.desktop, p.socket, p.clients, slices.Concat(p.keys, []string{"--"}, p.command)})
		if err != nil {
			return nil, err
		}
		c.Command = append(c.Command, string(command))
		if err := p.add(&c, dir); err != nil {
			return nil, err
		}
	}
	r, err := vm.Run(ctx, c)
	if err != nil || r.Status != 0 {
		return nil, fmt.Errorf("measuring failed (%v, status %d):\n%s", err, r.Status, log.String())
	}
	return readResults(&out)
}

// A job is a peer to be measured in the guest.
type job struct {
	Name    string
	Desktop string
	Socket  bool     // it listens for clients
	Clients bool     // that are there
	Words   []string // flags of the harness, and the peer's command
}

// measureInside is the role of this program in the guest: each argument is a job in JSON. The harness's report goes to
// stderr and its results to stdout.
func measureInside(jobs []string) error {
	results := filepath.Join(os.TempDir(), "results.jsonl")
	for _, text := range jobs {
		var j job
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			return err
		}
		if err := j.measure(results); err != nil {
			return fmt.Errorf("%s: %w", j.Name, err)
		}
	}
	data, err := os.ReadFile(results)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(data)
	return err
}

func (j job) measure(results string) error {
	c := exec.Command("/bin/kbdbench", append([]string{"--json", results, "--name", j.Name}, j.Words...)...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if j.Socket {
		if err := os.MkdirAll(runtimeDir, 0o700); err != nil {
			return err
		}
		c.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+runtimeDir)
	}
	if j.Clients {
		end, err := startClients()
		if err != nil {
			return err
		}
		defer end()
	}
	if j.Desktop != "" {
		end, err := startDesktop(j.Desktop)
		if err != nil {
			return err
		}
		defer end()
		c.Env = append(os.Environ(), "SWAYSOCK="+desktopSocket, "XDG_SESSION_TYPE=wayland")
	}
	return c.Run()
}
