package remap

// DropStaleRepeats removes from the events of one read of one device the repeats of keys that the
// same read also releases, and returns what is left, in place. Such repeats waited while the reader
// was busy: the key is up already, and repeating it now would look like a key that is stuck. It holds
// also where the key is pressed again later in the batch.
func DropStaleRepeats(batch []Event) []Event {
	kept := batch[:0]
	for i, ev := range batch {
		// Only events behind i are looked at where the batch was not written over yet; a release
		// before i was kept, releases always are.
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
