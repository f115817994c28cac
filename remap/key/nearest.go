package key

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// Nearest returns the candidate that word was most likely meant to be, "" if none is close: for every four characters of
// the word, one may be wrong, missing, additional or swapped, with at least one and at most three in all. Case does not
// matter. Of equally near candidates it returns the first in alphabetical order, so that messages do not depend on the
// order of a map.
func Nearest(word string, candidates iter.Seq[string]) string {
	low := strings.ToLower(word)
	limit := min(3, max(1, (utf8.RuneCountInString(low)+1)/4))
	if len(low) > 64 {
		return ""
	}
	best, bestDistance := "", limit+1
	for c := range candidates {
		if len(c) > len(low)+limit || len(low) > len(c)+3*limit {
			continue
		}
		d := distance(low, strings.ToLower(c), bestDistance)
		if d < bestDistance || d == bestDistance && d <= limit && c < best {
			best, bestDistance = c, d
		}
	}
	if utf8.RuneCountInString(low) <= bestDistance {
		return "" // nothing of the word is left
	}
	return best
}

// distance is the number of single-character edits and swaps of neighbours between a and b (optimal string alignment), or
// more than limit if it exceeds limit.
func distance(a, b string, limit int) int {
	ra, rb := []rune(a), []rune(b)
	if len(ra)-len(rb) > limit || len(rb)-len(ra) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(rb)+1), make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range last {
		last[j] = j
	}
	for i := range ra {
		row[0] = i + 1
		for j := range rb {
			cost := 1
			if ra[i] == rb[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && ra[i] == rb[j-1] && ra[i-1] == rb[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(rb)]
}
