package importer

import (
	"strings"
	"sync"

	"toshy/remap/key"
)

// lispNames are names of keys in both kanata and kmonad, in addition to the kernel's.
const lispNames = `grave=grv minus=min equal=eql backspace=bspc,bks leftbrace=lbrc rightbrace=rbrc capslock=caps semicolon=scln
apostrophe=apo,apos,quot enter=ret,return,ent leftshift=lshift,lshft,lsft,shft,sft rightshift=rshift,rshft,rsft comma=comm dot=. slash=/
backslash=bksl,\ kpenter=kprt kpslash=kp/ kpplus=kp+ kpasterisk=kp* kpminus=kp- kpdot=kp. sysrq=ssrq,sys
102nd=102d,lsgt,nubs,nonusbslash scrolllock=scrlck,slck pause=brk esc=escape leftctrl=lctrl,lctl,ctl rightctrl=rctrl,rctl
leftalt=lalt,alt rightalt=ralt,altgr leftmeta=lmeta,lmet,met rightmeta=rmeta,rmet space=spc compose=comp,cmps,cmp delete=del
insert=ins back=bck forward=fwd pageup=pgup pagedown=pgdn left=lft right=rght,rigt numlock=nlck,numlk,nlk volumeup=volu volumedown=vold,voldwn
brightnessup=bru,brup brightnessdown=brdn,brdwn,brdown kbdillumup=blup kbdillumdown=bldn nextsong=next playpause=pp previoussong=prev
micmute=micm coffee=lock sleep=zzz wakeup=wkup muhenkan=muh,mhnk henkan=hen,henk katakanahiragana=kah,kana zenkakuhankaku=zeh,zkhk
hangeul=hanguel,hangul ro=i1,int1 yen=i3,int3 ejectcd=eject,ejct`

// kanataNames are kanata's own, with its symbols for keys.
const kanataNames = `sysrq=prtsc,prnt,⎙ pause=break compose=menu,apps,▤,☰,𝌆 clear=clr backslash=yen,⧵,＼ yen=¥ kpplus=+,🔢₊ leftbrace={,【,「,〔,⎡
rightbrace=},】,」,〕,⎣ 102nd=<,﹨ henkan=cnv,conv,hnk muhenkan=ncnv media=mdia player=plyr power=powr hanja=eisu homepage=hmpg
volumeup=VolumeUp,🔊,🔈+,🔈➕,🔈₊,🔈⊕ volumedown=VolumeDown,🔉,🔈−,🔈➖,🔈₋,🔈⊖ mute=VolumeMute,🔇,🔈⓪,🔈⓿,🔈₀ kpleftparen=NumpadLeftParen,leftparen,lpar,kp(,🔢₍
kprightparen=NumpadRightParen,rightparen,rpar,kp),🔢₎ kbdillumup=⌨💡+,⌨💡➕,⌨💡₊,⌨💡⊕ kbdillumdown=⌨💡−,⌨💡➖,⌨💡₋,⌨💡⊖ dashboard=🎛 fn=🌐,ƒ,ⓕ,Ⓕ,🄵,🅕,🅵
btn_left=mlft,mouse1,mouseleft,🖰1,‹🖰 btn_right=mrgt,mouse2,mouseright,🖰2,🖰› btn_middle=mmid,mouse3,mousemid,🖰3 btn_side=mbck,mouse4,mousebackward,🖰4
btn_extra=mfwd,mouse5,mouseforward,🖰5 wheelup=mwu,mousewheelup wheeldown=mwd,mousewheeldown wheelleft=mwl,mousewheelleft wheelright=mwr,mousewheelright
brightnessup=🔆 brightnessdown=🔅 nextsong=▶▶ playpause=▶⏸ previoussong=◀◀ backspace=⌫,␈ tab=⭾,↹ capslock=⇪ numlock=⇭ scrolllock=⇳🔒
enter=⏎,↩,↵,↲,⤶,⎆,⌤,␤ kpenter=🔢⏎,🔢↩,🔢↵,🔢↲,🔢⤶,🔢⎆,🔢⌤,🔢␤ esc=⎋ leftshift=‹⇧ rightshift=⇧› leftctrl=‹⎈,‹⌃ rightctrl=⎈›,⌃› leftalt=‹⎇,‹⌥
rightalt=⎇›,⌥›,⇮ leftmeta=‹◆,‹⌘,‹❖,‹⊞ rightmeta=◆›,⌘›,❖›,⊞› space=␠,␣ delete=␡,⌦ insert=⎀ pageup=⇞,⎗ pagedown=⇟,⎘ up=▲,↑ down=▼,↓ left=◀,←
right=▶,→ home=⇤,⇱,⤒,↖ end=⇥,⇲,⤓,↘ grave=ˋ,˜ minus=‐ equal=₌ semicolon=︔ comma=⸴ dot=． slash=⁄ kpslash=🔢⁄ kpasterisk=🔢∗ kpequal=🔢₌ kpminus=🔢₋
kpdot=🔢． kpcomma=🔢⸴ kp0=🔢₀ kp1=🔢₁ kp2=🔢₂ kp3=🔢₃ kp4=🔢₄ kp5=🔢₅ kp6=🔢₆ kp7=🔢₇ kp8=🔢₈ kp9=🔢₉`

// kmonadNames are kmonad's own. It has more names of keys from the standard for USB keyboards.
const kmonadNames = `print=prnt scrollup=scrup,sup scrolldown=scrdn,sdwn,sdn mute=mininteresting rotate_display=rotatedisplay coffee=screenlock,termlock
brightness_auto=brightnesszero backslash=nonuspound compose=app,application open=exec,execute ro=international1 katakanahiragana=i2,int2,international2
yen=international3 henkan=i4,int4,international4 muhenkan=i5,int5,international5 kpjpcomma=i6,int6,international6 hangeul=l1,lang1 hanja=l2,lang2
katakana=l3,lang3 hiragana=l4,lang4 zenkakuhankaku=l5,lang5 exit=quit nextsong=nexttrack previoussong=previoustrack volumeup=volumeincrement
volumedown=volumedecrement mail=emailreader finance=checkbook calc=calculator file=localmachinebrowser www=internetbrowser help=helpcenter
media=imagebrowser sound=audiobrowser props=properties forwardmail=forwardmessage program=guide memo=messages tv2=cable subtitle=caption
media_repeat=repeat editor=texteditor news=newsreader addressbook=contacts calendar=schedule messenger=instantmessaging info=featurebrowser,tipsbrowser
brightness_toggle=displaytoggle`

var (
	kanataTable = sync.OnceValue(func() map[string]key.Code {
		m := map[string]key.Code{}
		lispTable(m, lispNames, kanataNames)
		m["kp,"], _ = key.Parse("kpcomma")
		m["kp="], _ = key.Parse("clear")
		return m
	})
	kmonadTable = sync.OnceValue(func() map[string]key.Code {
		m := map[string]key.Code{}
		for n, c := range key.Names { // which kmonad writes without _
			if short := strings.ReplaceAll(n, "_", ""); short != n && !strings.HasPrefix(n, "key_") {
				m[short] = c
			}
		}
		lispTable(m, lispNames, kmonadNames)
		return m
	})
)

// lispTable adds names of keys: the kernel's name, then = and the others.
func lispTable(m map[string]key.Code, tables ...string) {
	for _, f := range strings.Fields(strings.Join(tables, " ")) {
		name, others, _ := strings.Cut(f, "=")
		c, ok := key.Parse(name)
		for o := range strings.SplitSeq(others, ",") {
			if ok && o != "" {
				m[o] = c
			}
		}
	}
}

// key finds a key by its name.
func (k *kanata) key(name string) (key.Code, bool) {
	if !k.monad {
		if c, ok := kanataTable()[name]; ok {
			return c, true
		}
		if c, ok := webKey(name); ok && name != "" {
			return c, !isCapital(name)
		}
		return 0, false
	}
	low := strings.ToLower(name)
	for _, n := range []string{name, low, strings.TrimPrefix(low, "key")} {
		if c, ok := kmonadTable()[n]; ok {
			return c, true
		}
		if c, ok := key.Parse(n); ok {
			return c, !isCapital(name)
		}
	}
	return 0, false
}

// isCapital says whether a name is a capital letter, which is no key.
func isCapital(name string) bool { return len(name) == 1 && strings.ToLower(name) != name }

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

// combo parses C-S-a, and kmonad's A and !.
func (k *kanata) combo(s string) (key.Combo, bool) {
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
	if to, ok := shifted[s]; ok && k.monad {
		name = to
	}
	if k.monad && len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' {
		name = strings.ToLower(s)
	}
	if name != s {
		c.Mods = append(c.Mods, key.LShift)
	}
	code, ok := k.key(name)
	c.Key = code
	return c, ok
}
