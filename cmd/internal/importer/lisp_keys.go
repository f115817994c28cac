package importer

import (
	"strings"
	"sync"

	"toshy/remap/key"
)

// lispNames are names of keys in kanata and kmonad, in addition to the kernel's.
const lispNames = `grave=grv minus=min equal=eql backspace=bspc,bks leftbrace=lbrc rightbrace=rbrc capslock=caps semicolon=scln
apostrophe=apo,apos,quot enter=ret,return,ent leftshift=lshift,lshft,lsft,shft,sft rightshift=rshift,rshft,rsft comma=comm dot=. slash=/
backslash=bksl,\ kpenter=kprt kpslash=kp/ kpplus=kp+ kpasterisk=kp* kpequal=kp= kpminus=kp- kpdot=kp. kpcomma=kp, sysrq=ssrq,sys,prtsc,prnt,print
102nd=102d,lsgt,nubs,nonusbslash scrolllock=scrlck,slck pause=break,brk esc=escape leftctrl=lctrl,lctl,ctl rightctrl=rctrl,rctl
leftalt=lalt,alt rightalt=ralt,altgr leftmeta=lmeta,lmet,met rightmeta=rmeta,rmet space=spc compose=comp,cmps,cmp,menu,apps delete=del
insert=ins back=bck forward=fwd pageup=pgup pagedown=pgdn left=lft right=rght,rigt numlock=nlck,numlk,nlk volumeup=volu volumedown=vold,voldwn
brightnessup=bru,brup brightnessdown=brdn,brdwn,brdown kbdillumup=blup kbdillumdown=bldn nextsong=next playpause=pp,play previoussong=prev
micmute=micm mute=mute coffee=lock sleep=zzz wakeup=wkup muhenkan=muh,mhnk henkan=hen,henk katakanahiragana=kah,kana zenkakuhankaku=zeh,zkhk
hangeul=hanguel,hangul ro=ro,i1,int1 yen=yen,i3,int3 btn_left=mlft,mouse1 btn_right=mrgt,mouse2 btn_middle=mmid,mouse3 btn_extra=mfwd,mouse5
btn_side=mbck,mouse4 wheelup=mwu wheeldown=mwd wheelleft=mwl wheelright=mwr eject=eject,ejct homepage=hmpg mail=mail calc=calc
scrollup=scrup,sup scrolldown=scrdn,sdwn,sdn ejectcd=ejectcd prog1=prog1
mute=🔇 volumeup=🔊 volumedown=🔉 brightnessup=🔆 brightnessdown=🔅 nextsong=▶▶ playpause=▶⏸ previoussong=◀◀ backspace=⌫,␈ tab=⭾,↹ capslock=⇪
enter=⏎,↩,↵ esc=⎋ leftshift=‹⇧ rightshift=⇧› leftctrl=‹⎈,‹⌃ rightctrl=⎈›,⌃› leftalt=‹⎇,‹⌥ rightalt=⎇›,⌥› leftmeta=‹◆,‹⌘,‹❖ rightmeta=◆›,⌘›,❖›
space=␠,␣ delete=␡,⌦ insert=⎀ pageup=⇞ pagedown=⇟ up=▲,↑ down=▼,↓ left=◀,← right=▶,→ home=⇤,⇱ end=⇥,⇲ compose=▤,☰ kpleftparen=lpar kprightparen=rpar
btn_left=mouseleft btn_right=mouseright btn_middle=mousemid btn_side=mousebackward btn_extra=mouseforward`

var lispTable = sync.OnceValue(func() map[string]key.Code {
	m := map[string]key.Code{}
	for _, f := range strings.Fields(lispNames) {
		name, others, _ := strings.Cut(f, "=")
		if name == "kpequal" {
			others = "kp="
		}
		c, ok := key.Parse(name)
		if !ok {
			continue
		}
		for _, o := range strings.Split(others, ",") {
			if o != "" {
				m[o] = c
			}
		}
	}
	m["kp,"], _ = key.Parse("kpcomma")
	return m
})

// lispKey finds a key of kanata or kmonad by its name.
func lispKey(name string) (key.Code, bool) {
	if c, ok := lispTable()[name]; ok {
		return c, true
	}
	if c, ok := lispTable()[strings.ToLower(name)]; ok && len(name) > 1 {
		return c, true
	}
	if len(name) == 1 && strings.ToLower(name) != name {
		return 0, false
	}
	return key.Parse(name)
}

// lispMods are the prefixes of combos, the longest ones first.
var lispMods = []struct {
	prefix string
	mod    key.Mod
}{
	{"AG-", key.RAlt},
	{"RA-", key.RAlt},
	{"RC-", key.RCtrl},
	{"RS-", key.RShift},
	{"RM-", key.RMeta},
	{"C-", key.LCtrl},
	{"A-", key.LAlt},
	{"M-", key.LMeta},
	{"S-", key.LShift},
}

// lispCombo parses C-S-a, and kmonad's A and !.
func lispCombo(s string) (key.Combo, bool) {
	var c key.Combo
	for again := true; again; {
		again = false
		for _, m := range lispMods {
			if rest, ok := strings.CutPrefix(s, m.prefix); ok && rest != "" {
				c.Mods, s, again = append(c.Mods, m.mod), rest, true
				break
			}
		}
	}
	if len(s) == 2 && s[0] == '\\' { // kmonad writes brackets and the like so
		s = s[1:]
	}
	name := s
	if to, ok := shifted[s]; ok {
		name = to
	}
	if len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' {
		name = strings.ToLower(s)
	}
	if name != s {
		c.Mods = append(c.Mods, key.LShift)
	}
	code, ok := lispKey(name)
	c.Key = code
	return c, ok
}
