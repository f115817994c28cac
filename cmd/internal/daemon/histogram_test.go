package daemon

import (
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
	for i := 1; i <= 1000; i++ {
		h.add(time.Duration(i) * time.Microsecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Microsecond, 0.99: 990 * time.Microsecond} {
		if got := h.quantile(q); got < want || float64(got) > 1.25*float64(want) {
			t.Errorf("quantile %v: %v, want from %v on, at most a quarter more", q, got, want)
		}
	}
	if h.max != time.Millisecond || h.n != 1000 {
		t.Errorf("max %v of %d", h.max, h.n)
	}
	for d := time.Duration(1); d < time.Hour; d = d*3/2 + 1 {
		var one histogram
		one.add(d)
		if got := one.quantile(0.5); got != d {
			t.Errorf("the median of %v alone is %v", d, got)
		}
	}
}
