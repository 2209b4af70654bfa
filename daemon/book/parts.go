package book

import (
	"errors"

	"fifthcall/daemon/store"
)

// InParts has try take in the numbers from 0 to n-1 in transactions of at most most each. try is given a range, and says how many of
// it, from its beginning, it committed; less than all where a transaction is nearly full. A range that is too big for one transaction
// changes nothing and is halved; that of a single one is an error.
func InParts(n, most int, try func(from, to int) (took int, err error)) error {
	for from := 0; from < n; {
		to := min(n, from+most)
		took, err := try(from, to)
		switch {
		case errors.Is(err, store.ErrTooBig) && to-from > 1:
			most = (to - from) / 2
		case err != nil:
			return err
		default:
			from += took
		}
	}
	return nil
}
