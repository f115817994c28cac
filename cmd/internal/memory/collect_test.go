package memory

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// collections returns a function that collects garbage and waits until everything that follows a collection is done.
func collections() (collect func()) {
	collected := make(chan struct{}, 1)
	afterEachCollection(func() {
		select {
		case collected <- struct{}{}:
		default: // the test is over
		}
	})
	return func() {
		for range 2 { // after the second one, everything that follows the first one is done
			select {
			case <-collected: // from an earlier collection
			default:
			}
			runtime.GC()
			<-collected
		}
	}
}

// The heap may double, no matter how much is in use.
func TestCollectByNeed(t *testing.T) {
	const limit = 300 << 20
	percent, usual := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() { most.Store(0); debug.SetGCPercent(percent); debug.SetMemoryLimit(usual) })
	collect := collections()
	CollectByNeed(limit)
	if debug.SetGCPercent(-1) != -1 {
		t.Error("Go still collects on its timer")
	}

	stats := func() (m runtime.MemStats) { runtime.ReadMemStats(&m); return m }
	var sink []byte
	litter := func() int {
		before := stats().NumGC
		for range 100 << 10 {
			sink = make([]byte, 1<<10)
		}
		return int(stats().NumGC - before)
	}
	for _, inUse := range []int{0, 1 << 20, 40 << 20, 2 << 20} { // a configuration is loaded and dropped
		kept := make([][]byte, inUse>>12)
		for i := range kept {
			kept[i] = make([]byte, 1<<12)
		}
		collect()
		// By default, Go collects once for each leastHeap or inUse of garbage.
		most := 4 * (100 << 20) / max(leastHeap/2, inUse)
		if n := litter(); n > most {
			t.Errorf("%d MB in use, before free memory is given back: %d collections for 100 MB of garbage", inUse>>20, n)
		}
		collect()
		giveHeapBack()
		m := stats()
		other := int(m.Sys-m.HeapReleased) - int(m.HeapIdle-m.HeapReleased) - int(m.HeapInuse)
		if most, got := 3*inUse+2*leastHeap+other+8<<20, int(debug.SetMemoryLimit(-1)); got > most {
			t.Errorf("%d MB in use: the limit is %d MB, want at most %d", inUse>>20, got>>20, most>>20)
		}
		if n := litter(); n < 1 || n > most {
			t.Errorf("%d MB in use: %d collections for 100 MB of garbage", inUse>>20, n)
		}
		runtime.KeepAlive(kept)
	}
	runtime.KeepAlive(sink)
}

func TestMostMemory(t *testing.T) {
	usual := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { most.Store(0); debug.SetMemoryLimit(usual) })
	most.Store(1)
	setLimit()
	if got := debug.SetMemoryLimit(-1); got != 1 {
		t.Errorf("the limit is %d", got)
	}
}

// Each collection sets the limit again, not only the first one.
func TestAfterEachCollection(t *testing.T) {
	collect := collections()
	for range 10 {
		collect()
	}
}
