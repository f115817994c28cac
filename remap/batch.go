package remap

// DropStaleRepeats takes the events of one read of one device and drops the repeats of keys that the same read also
// releases. It works in place and returns the rest. Such repeats waited while the reader was busy: the key is up already,
// and repeating it now would look like a stuck key. This is true even if the key is pressed again later in the batch.
func DropStaleRepeats(batch []Event) []Event {
	kept := batch[:0]
	for i, ev := range batch {
		// Only look at events after i, where the batch is not overwritten yet. Releases before i are always kept.
		if ev.Type == TypeKey && ev.Value == Repeat && (released(kept, ev) || released(batch[i+1:], ev)) {
			continue
		}
		kept = append(kept, ev)
	}
	return kept
}

func released(events []Event, ev Event) bool {
	for i := range events {
		if e := &events[i]; e.Type == TypeKey && e.Value == Release && e.Code == ev.Code && e.Device == ev.Device {
			return true
		}
	}
	return false
}
