package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// leastHeap is the size of the heap up to which garbage is not collected, as in Go's own pacer.
const leastHeap = 4 << 20

// headroom is what Go's pacer keeps free below a memory limit.
const headroom = 1 << 20

// CollectByNeed lets the garbage collector run when the heap has doubled since the last collection, or memory reaches limit.
// That is what Go does, but Go also collects every two minutes when nothing has happened. On an idle daemon these collections
// are nearly all of its wake-ups, and they bring back 4 MB of the program's file.
//
// Go stops its clock only if GOGC is off, and then collects at the memory limit alone. So each collection sets the limit for the next.
func CollectByNeed(limit int64) {
	debug.SetGCPercent(-1)
	setLimit(limit)
	afterEachCollection(func() { setLimit(limit) })
}

// afterEachCollection calls f, in the goroutine of finalizers, each time that garbage has been collected.
func afterEachCollection(f func()) {
	type sentinel struct{ *int } // with a pointer: an object of its own
	var again func(*sentinel)
	again = func(s *sentinel) {
		f()
		runtime.SetFinalizer(s, again)
	}
	runtime.SetFinalizer(&sentinel{}, again)
}

// setLimit sets the memory limit at which the heap has doubled.
func setLimit(most int64) {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/total:bytes"},
	}
	metrics.Read(s)
	v := func(i int) int64 { return int64(min(s[i].Value.Uint64(), math.MaxInt64/4)) }
	live, other := v(0), v(4)-v(1)-v(2)-v(3)
	debug.SetMemoryLimit(min(most, other+max(2*live, leastHeap)+headroom))
}
