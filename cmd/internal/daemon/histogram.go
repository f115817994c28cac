package daemon

import (
	"math/bits"
	"time"
)

// A histogram counts durations in buckets of a quarter of a power of two. Quantiles are accurate to 19 %, in 1 kB and
// without allocating.
type histogram struct {
	counts [256]uint64
	n      uint64
	max    time.Duration
}

// sampling is the number of reads for each one that is timed: asking for the time costs more than the rest of the
// accounting.
const sampling = 8

func (h *histogram) add(d time.Duration) {
	d = max(d, 1)
	h.max = max(h.max, d)
	h.n++
	h.counts[bucket(d)]++
}

func bucket(d time.Duration) int {
	log := bits.Len64(uint64(d)) - 1
	if log < 2 {
		return log * 4
	}
	return log*4 + int(uint64(d)>>(log-2)&3)
}

// quantile returns the upper end of the bucket with the given fraction of all values, 0 without any.
func (h *histogram) quantile(q float64) time.Duration {
	rank := uint64(q * float64(h.n))
	for i, c := range h.counts {
		if c > rank {
			log, quarter := i/4, i%4
			return min(time.Duration((4+uint64(quarter)+1)<<log>>2), h.max)
		}
		rank -= c
	}
	return h.max
}
