package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
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
	most.Store(limit)
	setLimit()
	afterEachCollection(setLimit)
}

// most is the memory limit at which garbage is collected in any case; 0: Go decides when.
var most atomic.Int64

// giveHeapBack gives the system back what is free of the heap.
func giveHeapBack() {
	debug.FreeOSMemory()
	setLimit()
}

// afterEachCollection calls f, in the goroutine of finalizers, each time that garbage has been collected.
func afterEachCollection(f func()) {
	var again func(*string)
	again = func(s *string) {
		f()
		runtime.SetFinalizer(s, again)
	}
	runtime.SetFinalizer(new(string), again) // a type with a pointer: an object of its own
}

// setLimit sets the memory limit at which the heap has doubled. It is not less than what the program has already: Go would collect
// all the time until free memory has been given back.
func setLimit() {
	limit := most.Load()
	if limit == 0 {
		return
	}
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/total:bytes"},
	}
	metrics.Read(s)
	v := func(i int) int64 { return int64(min(s[i].Value.Uint64(), math.MaxInt64/4)) }
	live, mapped := v(0), v(4)-v(3)
	other := mapped - v(1) - v(2)
	debug.SetMemoryLimit(min(limit, max(mapped, other+max(2*live, leastHeap))+headroom))
}
