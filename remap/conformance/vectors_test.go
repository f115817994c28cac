package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A vectorFile is one recorded file.
type vectorFile struct {
	Format  int                        `json:"format"`
	Kind    string                     `json:"kind"`
	Configs map[string]json.RawMessage `json:"configs"`
	// Scenarios are in the document itself or, one per line, after it.
	Scenarios []json.RawMessage `json:"scenarios"`

	name string // name of the subtest: the file's name without its extensions
}

const (
	kindEngine       = "engine"
	kindDeviceFilter = "device_filter" // for package evdev
)

// A scenario is one recorded run.
type scenario struct {
	Name     string   `json:"name"`
	Config   string   `json:"config"`
	Note     string   `json:"note"`
	WartNote string   `json:"wart_note"`
	Clock    string   `json:"clock"`
	Tags     []string `json:"tags"`
	Wart     bool     `json:"wart"`
	In       []input  `json:"in"`
	Expect   expected `json:"expect"`
}

type expected struct {
	Out         []event `json:"out"`
	Exit        *int    `json:"exit"`
	ConfigError string  `json:"config_error"`
}

// An input is an event from a device, or a change of the world.
type input struct {
	at     time.Duration
	device string
	key    string
	value  int32
	world  *world
	change string // kind of the world's change, as recorded
}

// pointerDevice is a mouse that is only watched.
const pointerDevice = "@pointer"

// A world is a change of what conditions can see, or of the program's state.
type world struct {
	Class      *string         `json:"wm_class"`
	Title      *string         `json:"wm_name"`
	Error      *bool           `json:"error"`
	CapsLock   *bool           `json:"capslock"`
	NumLock    *bool           `json:"numlock"`
	Device     string          `json:"device"` // the device whose locks change; "": all
	Flags      map[string]bool `json:"flags"`
	Shutdown   bool            `json:"shutdown"`
	Correction json.RawMessage `json:"correction"`
}

func milliseconds(ms float64) time.Duration {
	return time.Duration(math.Round(ms * float64(time.Millisecond)))
}

func (in *input) UnmarshalJSON(b []byte) error {
	parts, at, err := timed(b)
	if err != nil {
		return err
	}
	in.at = at
	switch len(parts) {
	case 2:
		in.world, in.change = &world{}, string(parts[1])
		return strict(parts[1], in.world)
	case 4:
		return errors.Join(json.Unmarshal(parts[1], &in.device), json.Unmarshal(parts[2], &in.key), json.Unmarshal(parts[3], &in.value))
	}
	return fmt.Errorf("an input has 2 or 4 parts: %s", b)
}

func (ev *event) UnmarshalJSON(b []byte) error {
	parts, at, err := timed(b)
	if err != nil || len(parts) != 3 {
		return errors.Join(fmt.Errorf("an event is [time, key, value]: %s", b), err)
	}
	ev.at = at
	var name string
	if err := errors.Join(json.Unmarshal(parts[1], &name), json.Unmarshal(parts[2], &ev.value)); err != nil {
		return err
	}
	ev.code, err = keyCode(name)
	return err
}

// timed splits an array that begins with a time.
func timed(b []byte) (parts []json.RawMessage, at time.Duration, err error) {
	if err := json.Unmarshal(b, &parts); err != nil {
		return nil, 0, err
	}
	if len(parts) == 0 {
		return nil, 0, errors.New("empty array, want one that begins with a time")
	}
	var ms float64
	err = json.Unmarshal(parts[0], &ms)
	return parts, milliseconds(ms), err
}

// strict decodes JSON and refuses fields that the target does not have, so that nothing is skipped by mistake.
func strict(b []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

// vectorFiles lists the files below dir: vectors before fuzz, each by name.
func vectorFiles(dir string) ([]string, error) {
	var paths []string
	for _, sub := range []string{"vectors", "fuzz"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			plain := strings.TrimSuffix(e.Name(), ".gz")
			if strings.HasSuffix(plain, ".json") || strings.HasSuffix(plain, ".jsonl") {
				paths = append(paths, filepath.Join(dir, sub, e.Name()))
			}
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no vectors: %s has no .json or .jsonl files (.gz or not) in vectors/ or fuzz/", dir)
	}
	return paths, nil
}

// readVectors reads one file.
func readVectors(path string) (*vectorFile, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	if plain, ok := strings.CutSuffix(name, ".gz"); ok {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if b, err = io.ReadAll(z); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		name = plain
	}
	f := &vectorFile{name: strings.TrimSuffix(name, filepath.Ext(name))}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for {
		var line json.RawMessage
		if err := d.Decode(&line); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%s: scenario %d: %w", path, len(f.Scenarios)+1, err)
		}
		f.Scenarios = append(f.Scenarios, line)
	}
	if f.Format != 1 || !slices.Contains([]string{kindEngine, kindDeviceFilter}, f.Kind) {
		return nil, fmt.Errorf("%s: format %d of kind %q is not known, want format 1 of kind %q or %q", path, f.Format, f.Kind, kindEngine, kindDeviceFilter)
	}
	return f, nil
}
