package windowtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// A Logind answers like systemd-logind (org.freedesktop.login1(5)) on a private bus, because a test has no seat.
type Logind struct {
	Conn *dbus.Conn
	seat *prop.Properties
	sess map[string]*prop.Properties
	uids map[string]uint32

	// Seats is the folder in which the seat has its file, like logind's own. "" if there is none.
	Seats string
}

// Names of logind's interfaces and objects.
const (
	logindName    = "org.freedesktop.login1"
	logindPath    = dbus.ObjectPath("/org/freedesktop/login1")
	logindSeat    = logindPath + "/seat/seat0"
	LogindSession = logindName + ".Session"
	LogindManager = logindName + ".Manager"
)

type sessionRef struct {
	ID   string
	Path dbus.ObjectPath
}

type userRef struct {
	UID  uint32
	Path dbus.ObjectPath
}

// NewLogind starts a Logind that has seat0 without a session.
func NewLogind(t testing.TB, b *Bus) *Logind {
	t.Helper()
	f := &Logind{Conn: b.Connect(t), sess: map[string]*prop.Properties{}, uids: map[string]uint32{}}
	err := f.Conn.ExportMethodTable(map[string]any{"GetSeat": func(id string) (dbus.ObjectPath, *dbus.Error) {
		if id != "seat0" {
			return "", dbus.NewError(logindName+".NoSuchSeat", []any{"no seat " + id})
		}
		return logindSeat, nil
	}}, logindPath, LogindManager)
	if err != nil {
		t.Fatal(err)
	}
	f.seat, err = prop.Export(f.Conn, logindSeat, prop.Map{logindName + ".Seat": {"ActiveSession": {Value: sessionRef{"", "/"}, Emit: prop.EmitTrue}}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := f.Conn.RequestName(logindName, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(r, err)
	}
	return f
}

// Session adds a session, which is not active yet.
func (f *Logind) Session(t testing.TB, id, class, typ, user string, uid uint32) {
	t.Helper()
	p, err := prop.Export(f.Conn, logindPath+"/session/"+dbus.ObjectPath(id), prop.Map{LogindSession: {
		"Id": {Value: id}, "Name": {Value: user}, "Class": {Value: class}, "Type": {Value: typ}, "Desktop": {Value: ""},
		"User": {Value: userRef{uid, "/"}}, "Leader": {Value: uint32(4242)},
		"State":      {Value: "active", Emit: prop.EmitTrue},
		"LockedHint": {Value: false, Emit: prop.EmitTrue},
		"IdleHint":   {Value: false, Emit: prop.EmitTrue},
	}})
	if err != nil {
		t.Fatal(err)
	}
	f.sess[id], f.uids[id] = p, uid
}

// Set changes a property of a session.
func (f *Logind) Set(id, property string, value any) {
	f.sess[id].SetMust(LogindSession, property, value)
}

// Activate makes a session the active one of the seat; "" means none.
func (f *Logind) Activate(id string) {
	ref := sessionRef{id, logindPath + "/session/" + dbus.ObjectPath(id)}
	if id == "" {
		ref.Path = "/"
	}
	f.Write(id)
	f.seat.SetMust(logindName+".Seat", "ActiveSession", ref)
}

// Write makes the seat's file say that this session is active, without a message on the bus.
func (f *Logind) Write(id string) {
	if f.Seats == "" {
		return
	}
	text := "# This is private data. Do not parse.\nIS_SEAT0=1\nCAN_TTY=1\nCAN_GRAPHICAL=1\n"
	if id != "" {
		text += fmt.Sprintf("ACTIVE=%s\nACTIVE_UID=%d\n", id, f.uids[id])
	}
	// Like logind: readers see the old file or the new one.
	temporary := filepath.Join(f.Seats, ".#seat0")
	if err := errors.Join(os.WriteFile(temporary, []byte(text), 0o644), os.Rename(temporary, filepath.Join(f.Seats, "seat0"))); err != nil {
		panic(err)
	}
}

// NewSystemBus starts a bus to which every user may connect.
func NewSystemBus(t testing.TB) *Bus {
	t.Helper()
	need(t, "dbus-daemon")
	dir := Dir(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`<busconfig><type>custom</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`, dir)
	path := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &Bus{cmd: exec.Command("dbus-daemon", "--config-file="+path, "--nofork", "--nopidfile"), Address: "unix:path=" + dir + "/bus"}
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	b.cmd.Stderr = os.Stderr
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Kill)
	b.letsIn(t)
	return b
}
