package setup

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// udev's uaccess gives devices to whoever sits at the machine, with an access control list on their nodes. When the rule is
// removed, nobody removes that list: the user in it could continue to read the keyboards until the machine restarts.

// rule is the file that gives keyboards to users.
const rule = "/etc/udev/rules.d/70-toshy.rules"

const aclName = "system.posix_acl_access" // acl(5)

// nodes are the nodes that the rule may have given away.
func (o *Options) nodes() []string {
	all, _ := filepath.Glob(o.at("/dev/input/event*")) // fails only for an invalid pattern
	return append(all, o.at(uinput))
}

// closeNodes removes the lists. Other rules set theirs again when they are applied, which is next.
func (o *Options) closeNodes() error {
	var all []error
	for _, n := range o.nodes() {
		err := unix.Removexattr(n, aclName)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENODATA) && !errors.Is(err, unix.ENOTSUP) {
			all = append(all, fmt.Errorf("%s: remove its access control list: %w", n, err))
		}
	}
	return errors.Join(all...)
}

// givenAway returns the nodes that an access control list still gives to a user.
func (o *Options) givenAway() (nodes []string) {
	for _, n := range o.nodes() {
		var acl [1024]byte
		if size, err := unix.Getxattr(n, aclName, acl[:]); err == nil && namesUser(acl[:size]) {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// namesUser says whether a list has an entry for a user (linux/posix_acl_xattr.h): a version, then tag, rights and id.
func namesUser(acl []byte) bool {
	const user = 2
	if len(acl) < 4 {
		return false
	}
	for e := range slices.Chunk(acl[4:], 8) {
		if len(e) == 8 && binary.LittleEndian.Uint16(e) == user {
			return true
		}
	}
	return false
}

// Left says what people should know after a plan was carried out.
func (p *Plan) Left() (notes []string) {
	if !p.closes() {
		return nil
	}
	if still := p.options.givenAway(); len(still) > 0 {
		return []string{"other rules of udev still give these to a user: " + strings.Join(still, ", ")}
	}
	return []string{"no user can open the keyboards any more; a program that has one open keeps it until it ends"}
}

// closes says whether the plan removes the rule that gave the keyboards to users.
func (p *Plan) closes() bool { return slices.Contains(p.Remove, rule) }
