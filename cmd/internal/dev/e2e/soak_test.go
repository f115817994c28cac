//go:build vm

package e2e

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/cmd/internal/control"
	"toshy/remap/key"
)

var (
	soakFlag = flag.Duration("soak", 3*time.Second, "how long TestSoak types, by the machine's clock")
	seedFlag = flag.Uint64("soak.seed", 1, "what TestSoak's typing and faults are drawn from")
)

// soakConfigs are the configurations between which reloads change: equal for the keys that are counted, different for CapsLock and
// Tab.
var soakConfigs = []string{`extends = "none"
[setting.mode]
values = ["one", "two"]
default = "one"
[modmap.m]
keys.CapsLock = "LeftCtrl"
keys.Tab = { tap = "Tab", hold = "LeftShift" }
`, `extends = "none"
[setting.mode]
values = ["one", "two"]
default = "one"
[modmap.m]
keys.CapsLock = { tap = "Esc", hold = "LeftMeta", timeout = "20ms" }
[keymap.k]
when = 'settings.mode == "two"'
keys.F1 = "Ctrl-F2"
`}

// A soaked machine has keyboards on which keys are typed, and a toshy that gets into trouble.
type soaked struct {
	t    *testing.T
	rand *rand.Rand
	r    *toshy
	kbds []*soakedKeyboard
	path string // the path of the configuration
	// apart is true if toshy runs as a daemon and an agent.
	apart   bool
	service *service
	agent   *remapper
	// flooded says that so many keys come at once that the test's own reader may lose some.
	flooded bool

	rounds, presses, lost, restarts int
	markers                         key.Code // typed so far
	faults                          map[string]int
	story                           []string // the most recent actions
}

// soakedKeyboard has letters of its own, so that each press that comes out can be assigned to it.
type soakedKeyboard struct {
	*softKeyboard
	letters string
	down    []key.Code
	typed   map[key.Code]int // presses
	came    map[key.Code]int // presses that came out, from toshy or from the keyboard itself
}

func (s *soaked) note(format string, a ...any) {
	s.story = append(s.story, fmt.Sprintf(format, a...))
	if len(s.story) > 60 {
		s.story = s.story[1:]
	}
}

func (s *soaked) fatalf(format string, a ...any) {
	s.t.Helper()
	s.t.Fatalf("seed %d, round %d: %s\n%s", *seedFlag, s.rounds, fmt.Sprintf(format, a...), strings.Join(s.story, "\n"))
}

// newSoaked starts toshy with three keyboards.
func newSoaked(t *testing.T, apart bool) *soaked {
	t.Helper()
	if os.Getenv("XDG_RUNTIME_DIR") == "" {
		t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	}
	s := &soaked{
		t: t, rand: rand.New(rand.NewPCG(*seedFlag, 0)), path: filepath.Join(publicDir(t), "config.toml"), apart: apart,
		faults: map[string]int{},
	}
	s.begin()
	for _, letters := range []string{"abcdefgh", "ijklmnop", "qrstuvwx"} {
		k := &soakedKeyboard{letters: letters, typed: map[key.Code]int{}, came: map[key.Code]int{}}
		s.plug(k)
		s.kbds = append(s.kbds, k)
	}
	s.start()
	s.startAgent()
	s.taken()
	return s
}

// begin makes the configuration valid: it may be broken when it is read for the first time.
func (s *soaked) begin() { must(s.t, os.WriteFile(s.path, []byte(soakConfigs[0]), 0o644)) }

func (s *soaked) start() {
	switch {
	case !s.apart:
		s.r = start(s.t, "", "--config", s.path)
		return
	case s.service == nil:
		s.service = serve(s.t, nil, "--user", only(annUID))
	default:
		s.service.start(s.t)
	}
	s.r = &toshy{remapper: s.service.remapper, out: s.service.out}
}

func (s *soaked) startAgent() {
	if s.apart {
		s.agent = launchCmd(s.t, as(exec.Command("/bin/toshy", "agent", "--log-level", "debug", "--socket", s.service.socket, "--config", s.path), annUID))
	}
}

func (s *soaked) plug(k *soakedKeyboard) {
	k.softKeyboard = newSoftKeyboard(s.t, "e2e soaked keyboard "+k.letters)
	if s.apart {
		anybody(s.t)
	}
	k.down = nil
}

// event types one event on a keyboard.
func (s *soaked) event(k *soakedKeyboard, c key.Code, value int32) {
	k.types(keyEvent{c, value})
	if value == pressed {
		k.down = append(k.down, c)
		if isLetter(k, c) {
			k.typed[c]++
			s.presses++
		}
	} else {
		k.down = slices.DeleteFunc(k.down, func(d key.Code) bool { return d == c })
	}
}

func isLetter(k *soakedKeyboard, c key.Code) bool { return strings.Contains(k.letters, keyName(c)) }

// typing presses and releases some keys at random, at random times.
func (s *soaked) typing(k *soakedKeyboard, events int) {
	names := append(strings.Split(k.letters, ""), "capslock", "tab", "f1", "leftshift")
	for range events {
		c := code(s.t, names[s.rand.IntN(len(names))])
		if len(k.down) > 5 {
			c = k.down[s.rand.IntN(len(k.down))]
		}
		value := int32(pressed)
		if slices.Contains(k.down, c) {
			value = released
		}
		s.event(k, c, value)
		if s.rand.IntN(3) > 0 {
			time.Sleep(time.Duration(s.rand.IntN(120)) * time.Millisecond) // the pace of a person, not a wait for something
		}
	}
}

func (s *soaked) letGo(k *soakedKeyboard) {
	for _, c := range slices.Clone(k.down) {
		s.event(k, c, released)
	}
}

// collect reads what has come out, and says whether it contains a release of the key, and whether toshy sent it.
func (s *soaked) collect(until key.Code) (seen, mapped bool) {
	take := func(d *device) (seen bool) {
		if err := d.readNow(); err != nil && !errors.Is(err, unix.ENODEV) {
			s.fatalf("%s: %v", d.name, err)
		}
		if d.dropped && !s.flooded {
			s.fatalf("the test's own reader of %s lost events", d.name)
		}
		d.dropped = false
		for _, e := range d.pending {
			if e.code == until && e.value == released {
				seen = true
			}
			if e.value == pressed {
				for _, k := range s.kbds {
					if isLetter(k, e.code) {
						k.came[e.code]++
					}
				}
			}
		}
		d.pending = nil
		return seen
	}
	mapped = take(s.r.out)
	seen = mapped
	for _, k := range s.kbds {
		seen = take(k.device) || seen
	}
	return seen, mapped
}

// markers are only the keys that through types: KEY_F13 to KEY_F24. Each is typed again only after all the others. On a slow machine,
// a key that was typed again comes out late, and says nothing about what was typed later.
const firstMarker, markers key.Code = 183, 12

// through types a marker and waits until it comes out of toshy or, if it need not be toshy, of the keyboard itself.
func (s *soaked) through(k *soakedKeyboard, again, toshy bool) {
	m := firstMarker + s.markers%markers
	s.markers++
	end := in(2 * limit)
	for first := true; ; first = false {
		if first || again {
			k.types(keyEvent{m, pressed}, keyEvent{m, released})
		}
		for wait := in(50 * time.Millisecond); !wait.over(); time.Sleep(time.Millisecond) {
			if seen, mapped := s.collect(m); mapped || seen && !toshy {
				return
			}
		}
		if end.over() {
			s.fatalf("nothing comes of keyboard %s\n%s", k.letters, s.r.log.String())
		}
	}
}

// check releases everything and checks that no key is stuck and, if strict, that every key came out once.
func (s *soaked) check(strict bool) {
	for _, k := range s.kbds {
		s.letGo(k)
		s.through(k, !strict, false)
	}
	end := deadline()
	for len(s.r.out.down()) > 0 {
		if s.collect(0); end.over() {
			s.fatalf("stuck: %v", s.r.out.down())
		}
		time.Sleep(time.Millisecond)
	}
	s.collect(0)
	for _, k := range s.kbds {
		for c, n := range k.typed {
			if d := n - k.came[c]; d != 0 {
				if strict || d < 0 {
					s.fatalf("%s was pressed %d times and came out %d times", keyName(c), n, k.came[c])
				}
				s.lost += max(d, 0)
			}
		}
		clear(k.typed)
		clear(k.came)
	}
}

// taken waits until toshy has grabbed all keyboards.
func (s *soaked) taken() {
	for _, k := range s.kbds {
		s.letGo(k)
		s.through(k, true, true)
	}
}

func (s *soaked) command(c control.Request) {
	path, err := control.SocketPath()
	must(s.t, err)
	if s.apart {
		path = s.service.socket
	}
	client, err := control.Dial(path)
	must(s.t, err)
	defer client.Close()
	if a, err := client.Do(c); err != nil || !a.OK {
		s.fatalf("%s: %v, %+v", c.Command, err, a)
	}
}

// trouble makes one kind of trouble, and says whether it may lose keys that are on their way.
func (s *soaked) trouble(kind string, k *soakedKeyboard) (lossy bool) {
	s.note("%s", kind)
	s.faults[kind]++
	switch kind {
	case "reload":
		replace(s.t, s.path, soakConfigs[s.rand.IntN(len(soakConfigs))])
	case "broken configuration":
		replace(s.t, s.path, broken)
	case "setting":
		s.command(control.Request{Command: "set", Name: "mode", Value: []string{"one", "two"}[s.rand.IntN(2)]})
	case "release":
		s.command(control.Request{Command: "release"})
	case "pause":
		s.command(control.Request{Command: "pause"})
		s.typing(k, 4)
		s.letGo(k)
		s.command(control.Request{Command: "resume"})
		lossy = true
	case "unplug":
		_ = k.ui.Close() // with whatever is held
		vanish(s.t, k.node)
		s.collect(0)
		_ = k.file.Close()
		s.plug(k)
		lossy = true
	case "overflow":
		s.flooded = true
		s.r.signal(syscall.SIGSTOP)
		k.types(flood(code(s.t, "f5"), 100+s.rand.IntN(100))...)
		s.letGo(k)
		s.r.signal(syscall.SIGCONT)
		lossy = true
	case "stop":
		s.r.signal(syscall.SIGSTOP)
		time.Sleep(time.Duration(s.rand.IntN(2000)) * time.Millisecond) // the trouble itself
		s.r.signal(syscall.SIGCONT)
	case "kill":
		s.r.kill()
		s.begin()
		vanish(s.t, s.r.out.node)
		_ = s.r.out.file.Close()
		s.restarts++
		s.start()
		lossy = true
	case "kill the agent":
		s.agent.kill()
		s.begin()
		s.startAgent()
		lossy = true
	}
	return lossy
}

var troubles = []string{"reload", "broken configuration", "setting", "release", "pause", "unplug", "overflow", "stop", "kill"}

// TestSoak types at random while things go wrong. In quiet rounds, each pressed key comes out once, even across reloads. After every
// round, no key is down.
func TestSoak(t *testing.T) {
	t.Run("run", func(t *testing.T) { soak(newSoaked(t, false), troubles) })
	t.Run("daemon and agent", func(t *testing.T) { soak(newSoaked(t, true), append(troubles, "kill the agent")) })
}

func soak(s *soaked, troubles []string) {
	s.check(true)
	began := time.Now()
	for ; time.Since(began) < *soakFlag; s.rounds++ {
		k := s.kbds[s.rand.IntN(len(s.kbds))]
		s.note("type on %s", k.letters)
		s.typing(k, 1+s.rand.IntN(12))
		lossy := false
		if s.rand.IntN(4) == 0 {
			lossy = s.trouble(troubles[s.rand.IntN(len(troubles))], k)
			if s.rand.IntN(2) == 0 {
				s.typing(k, 1+s.rand.IntN(6))
			}
		}
		s.check(!lossy)
		if lossy {
			s.taken()
			s.check(false)
			s.flooded = false
		}
	}
	s.taken()
	s.check(true)
	s.t.Logf("seed %d: %v by the machine's clock, %d rounds, %d presses counted, %d of them lost in troubles that cannot but lose some, %d restarts, %v",
		*seedFlag, time.Since(began).Round(time.Second), s.rounds, s.presses, s.lost, s.restarts, s.faults)
}

// On a slow machine, a marker may be typed again while the first one is still on its way. If that one comes late, it must not be
// mistaken for one that was typed after the keys that are counted.
func TestSoakedMarkersAreNotTakenForLaterOnes(t *testing.T) {
	s := newSoaked(t, false)
	k := s.kbds[0]
	slow := func(f func()) {
		s.r.signal(syscall.SIGSTOP)
		time.AfterFunc(300*time.Millisecond, func() { s.r.signal(syscall.SIGCONT) })
		f()
	}
	slow(func() { s.through(k, true, true) })
	slow(func() {
		s.event(k, code(t, "b"), pressed)
		s.check(true)
	})
}
