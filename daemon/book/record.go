package book

import (
	"encoding/json"
	"fmt"

	"fifthcall/daemon/store"
)

// EachRecord decodes the records whose names begin with prefix.
func EachRecord[T any](tx *store.Tx, prefix string, fn func(T)) error {
	return tx.EachJSON(prefix, func(name string, v []byte) error {
		var x T
		if err := json.Unmarshal(v, &x); err != nil {
			return fmt.Errorf("the stored record %s is damaged: %w", name, err)
		}
		fn(x)
		return nil
	})
}
