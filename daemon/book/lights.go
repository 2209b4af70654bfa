package book

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// PutLightWord stores what was said of a company's light; nil takes it away.
func PutLightWord(tx *store.Tx, key string, w *desk.LightWord) error {
	tx.Shown()
	if w == nil {
		return store.LightWords.Drop(tx, key)
	}
	return store.LightWords.Put(tx, key, *w)
}
