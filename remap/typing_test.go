package remap_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"toshy/remap"
)

// TestTyping: the engine asks the session to type what has no key, with the modifiers lifted. Meanwhile, everything keeps its order.
func TestTyping(t *testing.T) {
	text := func(s string) *remap.Action { return &remap.Action{Kind: remap.DoText, Text: s} }
	program := &remap.Program{
		Options: remap.Options{Masking: true},
		Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
			{Combo: mustCombo("F1"), Action: text("a😀🎉b")},
			{Combo: mustCombo("Alt-F2"), Action: &remap.Action{Kind: remap.DoUnicode, Text: "é"}},
			{Combo: mustCombo("F3"), Action: remap.List(text("😀"), send("Ctrl-A"), text("🎉"))},
			{Combo: mustCombo("F4"), Action: remap.List(text("😀"), &remap.Action{Kind: remap.DoWait, Time: 20 * time.Millisecond}, send("B"))},
		}}},
		Unicodes: []remap.Unicode{{When: &remap.Cond{Op: remap.CondEqual, Field: remap.FieldApp, Strings: []string{"vm"}}, Method: remap.UnicodeRefuse}},
	}
	answer := func(result remap.TypingResult) func(r *rig) {
		return func(r *rig) { r.e.Typed(r.asked.Serial, result, r.now, r.out) }
	}
	done, failed, later := answer(remap.TypingDone), answer(remap.TypingFailed), answer(remap.TypingLater)
	types := func(can bool) func(r *rig) { return func(r *rig) { r.e.SetTypes(can, r.now, r.out) } }
	window := func(app string) func(r *rig) {
		return func(r *rig) { r.e.SetWindow(remap.Window{App: app}, r.now, r.out) }
	}
	for name, c := range map[string]struct {
		script string
		do     []func(r *rig)
		want   string
	}{
		"keys typed meanwhile":                {"+f1 -f1 +x -x 7 ! 5", []func(r *rig){done}, "+a -a types@4:😀🎉 @7 +b -b +x -x"},
		"a key held over it":                  {"+x +f1 -f1 -x 7 ! 5", []func(r *rig){done}, "+x +a -a types@4:😀🎉 @7 +b -b -x"},
		"modifiers are lifted":                {"+leftalt +f2 4 ! -f2 -leftalt 5", []func(r *rig){done}, "+leftalt +leftctrl -leftctrl -leftalt types@4:é @4 +leftalt +leftctrl -leftctrl -leftalt"},
		"repeats do not pile up":              {"+f1 3 ~f1 3 ~f1 ~f1 1 ! ~f1 6 ! -f1 5", []func(r *rig){done, done}, "+a -a types@4:😀🎉 @7 +b -b +a -a types@11:😀🎉 @13 +b -b"},
		"two texts":                           {"+f3 -f3 6 ! 4 2 ! 5", []func(r *rig){done, done}, "types@4:😀 @6 +leftctrl +a -a -leftctrl types@10:🎉"},
		"keys between two texts":              {"+f3 -f3 20 ! 10 ! 5", []func(r *rig){done, done}, "types@4:😀 @20 +leftctrl +a -a -leftctrl types@24:🎉"},
		"it fails":                            {"+f1 -f1 +x -x 7 ! 5", []func(r *rig){failed}, "+a -a types@4:😀🎉 @7 +b -b +x -x refused@7"},
		"it is silent":                        {"+f1 -f1 +x -x 103 5", nil, "+a -a types@4:😀🎉 @104 +b -b +x -x refused@104"},
		"a late answer":                       {"+f1 -f1 105 ! +f1 -f1 5", []func(r *rig){done}, "+a -a types@4:😀🎉 @104 +b -b refused@104 @105 +a -a types@109:😀🎉"},
		"an answer to something else":         {"+f1 -f1 5 ! 99 5", []func(r *rig){func(r *rig) { r.e.Typed(99, remap.TypingDone, r.now, r.out) }}, "+a -a types@4:😀🎉 @104 +b -b refused@104"},
		"not in this window":                  {"! +f1 -f1 5", []func(r *rig){window("vm")}, "refused@0"},
		"the window has gone":                 {"+f3 -f3 5 ! ! 5", []func(r *rig){window("other"), done}, "types@4:😀"},
		"before it was asked":                 {"+f3 -f3 1 ! 5", []func(r *rig){window("other")}, ""},
		"lifted meanwhile":                    {"+f1 -f1 +x 5 ! ! +y -y 5", []func(r *rig){func(r *rig) { r.e.ReleaseAll(r.now, r.out) }, done}, "+a -a types@4:😀🎉 @5 +b -b +x -x +y -y"},
		"locked meanwhile":                    {"+f1 -f1 1 ! +y -y 5", []func(r *rig){func(r *rig) { r.e.SetPassthrough(true, r.now, r.out) }}, "+a -a @1 +y -y"},
		"a wait after it":                     {"+f4 -f4 44 ! 30", []func(r *rig){done}, "types@4:😀 @68 +b -b"},
		"it is asked again":                   {"+f1 -f1 +x -x 7 ! 50 7 ! 5", []func(r *rig){later, done}, "+a -a types@4:😀🎉 types@57:😀🎉 @64 +b -b +x -x"},
		"gone when it is asked again":         {"+f1 -f1 +x -x 7 ! ! 50 5", []func(r *rig){later, window("other")}, "+a -a types@4:😀🎉 @7 +x -x"},
		"gone before it is to be asked again": {"+f1 -f1 +x -x 7 ! ! 60", []func(r *rig){window("other"), later}, "+a -a types@4:😀🎉 @7 +x -x refused@7"},
		"the session is gone":                 {"! +f1 -f1 5", []func(r *rig){types(false)}, "+a -a +leftshift +leftctrl +u -u -leftctrl -leftshift +1 -1 +f -f +6 -6 +0 -0 +0 -0 +enter -enter +leftshift +leftctrl +u -u @4 -leftctrl -leftshift +1 -1 +f -f +3 -3"},
		"a silent one is not asked":           {"+f1 -f1 104 +leftalt +f2 -f2 -leftalt 0 ! +leftalt +f2 -f2 -leftalt 5", []func(r *rig){types(true)}, "+a -a types@4:😀🎉 @104 +b -b refused@104 +leftalt +leftctrl -leftctrl -leftalt +leftshift +leftctrl +u -u -leftctrl -leftshift +e -e +9 -9 +enter -enter +leftalt +leftctrl -leftctrl -leftalt +leftalt +leftctrl -leftctrl -leftalt types@108:é"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, program)
			r.e.SetTypes(true, 0, r.out)
			r.answers()
			if got := r.play(c.script, c.do); got != c.want {
				t.Errorf("%s:\n%s, want\n%s", c.script, got, c.want)
			}
			if name != "the session is gone" && name != "a silent one is not asked" && len(r.down) > 0 {
				t.Errorf("still down: %v", r.down)
			}
		})
	}
}

// TestTypingToASilentSession: a session that does not answer costs one character. The rest of the text is entered by its number, in its order,
// and later keys follow. A session that answers gets the rest.
func TestTypingToASilentSession(t *testing.T) {
	text := func(s string) *remap.Action { return &remap.Action{Kind: remap.DoText, Text: s} }
	program := &remap.Program{Options: remap.Options{Masking: true}, Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
		{Combo: mustCombo("F1"), Action: text("aéçéb")},
		{Combo: mustCombo("Alt-F2"), Action: &remap.Action{Kind: remap.DoUnicode, Text: "éç"}},
		{Combo: mustCombo("F3"), Action: remap.List(text("é"), text("ç"))},
	}}}}
	const (
		hex = " +leftshift +leftctrl +u -u -leftctrl -leftshift"
		é   = hex + " +e -e +9 -9 +enter -enter"
		ç   = hex + " +e -e +7 -7 +enter -enter"
	)
	again := func(r *rig) { r.e.SetTypes(true, r.now, r.out) }
	done := func(r *rig) { r.e.Typed(r.asked.Serial, remap.TypingDone, r.now, r.out) }
	for name, c := range map[string]struct {
		script, want string
		do           []func(*rig)
	}{
		"a text":                     {"+f1 -f1 +x -x 400", "+a -a types@4:é" + ç + é + " refused@104 +b -b +x -x", nil},
		"with a modifier":            {"+leftalt +f2 400 -f2 -leftalt 5", "+leftalt +leftctrl -leftctrl -leftalt types@4:é" + ç + " +leftalt refused@104 +leftctrl -leftctrl -leftalt", nil},
		"two texts":                  {"+f3 -f3 400", "types@4:é" + ç + " refused@104", nil},
		"it answers":                 {"+f1 -f1 +x -x 7 ! 20 ! 20", "+a -a types@4:é types@12:çé +b -b +x -x", []func(*rig){done, done}},
		"it answers, and then not":   {"+f1 -f1 7 ! 400", "+a -a types@4:é types@12:çé +b -b refused@112", []func(*rig){done}},
		"a while after it answered":  {"+f3 -f3 7 ! 20 ! 1000 +f3 -f3 400", "types@4:é types@12:ç types@1031:é" + ç + " refused@1131", []func(*rig){done, done}},
		"another one":                {"+f3 -f3 7 ! 20 ! +f3 -f3 400", "types@4:é types@12:ç types@31:é" + ç + " refused@131", []func(*rig){done, func(r *rig) { done(r); again(r) }}},
		"it is gone while keys wait": {"+f1 -f1 +x -x 7 ! 400", "+a -a types@4:é" + ç + é + " refused@104 +b -b +x -x", []func(*rig){func(r *rig) { r.e.SetTypes(false, r.now, r.out) }}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, program)
			r.e.SetTypes(true, 0, r.out)
			got := strings.Join(slices.DeleteFunc(strings.Fields(r.play(c.script, c.do)), func(s string) bool { return s[0] == '@' }), " ")
			if got != c.want || len(r.down) > 0 {
				t.Errorf("%s:\n%s, want\n%s; down: %v", c.script, got, c.want, r.down)
			}
		})
	}
}

// TestTypingLongText: the engine asks for a text of any length in pieces, and later keys come after it.
func TestTypingLongText(t *testing.T) {
	want := ""
	for range 100 {
		want += "😀"
	}
	r := newRig(t, &remap.Program{Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
		{Combo: mustCombo("F1"), Action: &remap.Action{Kind: remap.DoText, Text: want}},
	}}}})
	r.e.SetTypes(true, 0, r.out)
	if r.e.Refuses(want) != "" {
		t.Error("the text was refused")
	}
	r.run("+f1 -f1 +x -x 5")
	got := ""
	for r.asked != nil && len(got) < len(want) {
		got += r.asked.Text
		serial := r.asked.Serial
		r.asked = nil
		if r.down[mustKey("x")] {
			t.Fatal("x comes before the text")
		}
		r.play("! 10", []func(*rig){func(r *rig) { r.e.Typed(serial, remap.TypingDone, r.now, r.out) }})
	}
	if got != want || len(r.down) > 0 {
		t.Errorf("asked for %d bytes of %d; down: %v", len(got), len(want), r.down)
	}
}

// TestTypingYields: a key waits at most half a second for text that the session types slowly, or has not started to type. Then the rest of
// the text is refused, but only if a key has waited.
func TestTypingYields(t *testing.T) {
	const long = 200
	short, wait := &remap.Action{Kind: remap.DoText, Text: strings.Repeat("🎉", 16)}, &remap.Action{Kind: remap.DoWait, Time: 20 * time.Millisecond}
	r := newRig(t, &remap.Program{Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
		{Combo: mustCombo("F1"), Action: &remap.Action{Kind: remap.DoText, Text: strings.Repeat("😀", long)}},
		{Combo: mustCombo("F2"), Action: &remap.Action{Kind: remap.DoText, Text: strings.Repeat("🎉", 16)}},
		{Combo: mustCombo("F3"), Action: remap.List(short, wait, short, wait, short, wait, short)},
	}}}})
	r.e.SetTypes(true, 0, r.out)
	check := func(what, script string, result remap.TypingResult, ms int, typed, later string, most time.Duration) {
		t.Helper()
		idle := func(*rig) {}
		r.play("! 2000", []func(*rig){idle})
		r.asked = nil
		r.answers()
		log := r.play(script, nil)
		began, got, after := r.now, "", ""
		var came time.Duration
		for r.now < began+10*time.Second {
			if r.asked == nil {
				log += " " + r.play("! 1", []func(*rig){idle})
			} else {
				q := *r.asked
				r.asked = nil
				log += " " + r.play(fmt.Sprintf("! %d !", ms), []func(*rig){idle, func(r *rig) { r.e.Typed(q.Serial, result, r.now, r.out) }})
				switch {
				case result != remap.TypingDone:
				case came == 0 || !strings.Contains(q.Text, "😀"):
					got += q.Text
				default:
					after += q.Text
				}
			}
			if came == 0 && strings.Contains(log, "+x") {
				came = r.now - began
			}
		}
		if came == 0 || came > most {
			t.Errorf("%s: x comes after %v, at most %v", what, came, most)
		}
		if refused := strings.Contains(log, "refused"); refused != (typed != strings.Repeat("😀", long)) {
			t.Errorf("%s: refused: %v", what, refused)
		}
		if got != typed+later || after != "" {
			t.Errorf("%s: typed are %d bytes, want %d; %d after x", what, len(got), len(typed+later), len(after))
		}
	}
	all := strings.Repeat("😀", long)
	check("a slow session", "+f1 -f1 5 +x -x", remap.TypingDone, 90, strings.Repeat("😀", 48), "", 600*time.Millisecond)
	check("a fast one", "+f1 -f1 5 +x -x", remap.TypingDone, 1, all, "", 500*time.Millisecond)
	check("one that never gets to it", "+f1 -f1 5 +x -x", remap.TypingLater, 1, "", "", 600*time.Millisecond)
	check("a key behind two texts", "+f1 -f1 5 +f2 -f2 5 +x -x", remap.TypingDone, 90, strings.Repeat("😀", 48), "", 600*time.Millisecond)
	check("a key behind two texts, of which the first is soon typed", "+f2 -f2 5 +f1 -f1 5 +x -x", remap.TypingDone, 90, strings.Repeat("🎉", 16)+strings.Repeat("😀", 32), "", 600*time.Millisecond)
	check("a macro of several texts, of which the later ones are entered by their numbers", "+f3 -f3 5 +x -x", remap.TypingLater, 1, "", "", time.Second)
	check("another text behind the key", "+f1 -f1 5 +x -x +f2 -f2", remap.TypingDone, 90, strings.Repeat("😀", 48), strings.Repeat("🎉", 16), 600*time.Millisecond)
}

// TestTypingLater: a session that cannot type at all is not asked for ever.
func TestTypingLater(t *testing.T) {
	r := newRig(t, &remap.Program{Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
		{Combo: mustCombo("F1"), Action: &remap.Action{Kind: remap.DoText, Text: "😀"}},
	}}}})
	r.e.SetTypes(true, 0, r.out)
	r.play("+f1 -f1 5", nil)
	asked, log := 0, ""
	for r.asked != nil {
		asked++
		serial := r.asked.Serial
		r.asked = nil
		log += r.play("! 51", []func(*rig){func(r *rig) { r.e.Typed(serial, remap.TypingLater, r.now, r.out) }})
	}
	if asked != 9 || !strings.HasSuffix(log, "refused@413") {
		t.Errorf("asked %d times: %s", asked, log)
	}
}

// TestTypingFewer: a session that has room for few characters gets all of a text, one part after another.
func TestTypingFewer(t *testing.T) {
	const text = "😀🎉👍🍎🍐🍊🍋🍌🍉🍇🍓🥭"
	r := newRig(t, &remap.Program{Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
		{Combo: mustCombo("F1"), Action: &remap.Action{Kind: remap.DoText, Text: text}},
	}}}})
	for room := 1; room <= 8; room++ {
		r.e.SetTypes(true, r.now, r.out)
		r.play("! 2000", []func(*rig){func(*rig) {}})
		r.answers()
		r.asked = nil
		log, got := r.play("+f1 -f1 5", nil), ""
		for began := r.now; r.now < began+5*time.Second; {
			if r.asked == nil {
				log += r.play("! 1", []func(*rig){func(*rig) {}})
				continue
			}
			q, result := *r.asked, remap.TypingLater
			r.asked = nil
			if utf8.RuneCountInString(q.Text) <= room {
				result = remap.TypingDone
				got += q.Text
			}
			log += r.play("! 1", []func(*rig){func(r *rig) { r.e.Typed(q.Serial, result, r.now, r.out) }})
		}
		if got != text || strings.Contains(log, "refused") {
			t.Errorf("room for %d: %q, %s", room, got, log)
		}
	}
}

// TestTypingAnySession: whatever the session answers, and whenever, keys come in their order and go up, and none waits long.
func TestTypingAnySession(t *testing.T) {
	text := func(s string) *remap.Action { return &remap.Action{Kind: remap.DoText, Text: s} }
	program := &remap.Program{Options: remap.Options{Masking: true}, Keymaps: []remap.Keymap{{Name: "k", Entries: []remap.Entry{
		{Combo: mustCombo("F1"), Action: text(strings.Repeat("😀", 30))},
		{Combo: mustCombo("Alt-F2"), Action: text("a🎉b🎉c🎉")},
		{Combo: mustCombo("F3"), Action: remap.List(text("é🎉"), &remap.Action{Kind: remap.DoWait, Time: 20 * time.Millisecond}, text("d🎉"))},
	}}}}
	const most = 3 * time.Second // several macros before a key, each with its own waits
	typed := []string{"q", "w", "r", "y", "p"}
	for seed := range int64(400) {
		rnd := rand.New(rand.NewSource(seed))
		r := newRig(t, program)
		results := [][]remap.TypingResult{
			{remap.TypingDone}, {remap.TypingLater}, {remap.TypingDone, remap.TypingLater, remap.TypingFailed},
		}[rnd.Intn(3)]
		slowest := 1 + rnd.Intn(130) // ms
		var answers []func()
		var pressed, came []string
		var at []time.Duration
		look := func() {
			for _, ev := range r.out.Events {
				if ev.Type == remap.TypeKey && ev.Value == remap.Press && slices.Contains(typed, strings.ToLower(ev.Code.String())) {
					if came = append(came, strings.ToLower(ev.Code.String())); r.now-at[len(came)-1] > most {
						t.Fatalf("seed %d: key %d comes after %v", seed, len(came), r.now-at[len(came)-1])
					}
				}
			}
			if q := r.out.Typing; q != nil {
				serial, due, result := q.Serial, r.now+time.Duration(rnd.Intn(slowest))*time.Millisecond, results[rnd.Intn(len(results))]
				var answer func()
				answer = func() {
					if r.now < due {
						answers = append(answers, answer)
						return
					}
					r.e.Typed(serial, result, r.now, r.out)
				}
				answers = append(answers, answer)
			}
			r.flush()
		}
		step := func(ms int) {
			for range ms {
				r.now += time.Millisecond
				waiting := answers
				answers = nil
				for _, a := range waiting {
					a()
					look()
				}
				r.e.Tick(r.now, r.out)
				look()
			}
		}
		press := func(script string) {
			for _, w := range strings.Fields(script) {
				r.e.Handle(remap.Event{At: r.now, Type: remap.TypeKey, Code: mustKey(w[1:]), Value: map[byte]int32{'+': remap.Press, '-': remap.Release}[w[0]]}, r.out)
				look()
			}
		}
		r.e.SetTypes(true, 0, r.out)
		for range 20 {
			step(rnd.Intn(150))
			switch n := rnd.Intn(8); n {
			case 0:
				press("+f1 -f1")
			case 1:
				press("+leftalt +f2 -f2 -leftalt")
			case 2:
				press("+f3 -f3")
			default:
				k := typed[n-3]
				pressed, at = append(pressed, k), append(at, r.now)
				press("+" + k)
				step(rnd.Intn(3) * 30)
				press("-" + k)
			}
		}
		step(5000)
		if !slices.Equal(pressed, came) || len(r.down) > 0 {
			t.Fatalf("seed %d: pressed %v, came %v; down: %v", seed, pressed, came, r.down)
		}
	}
}
