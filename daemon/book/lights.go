package book

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// PutLightWord stores what was said of a company's light; nil takes it away.
func PutLightWord(tx *store.Tx, key string, w *desk.LightWord) error {
	tx.Shown()
	if w == nil {
		return tx.DropJSON(desk.LightPrefix + key)
	}
	return tx.PutJSON(desk.LightPrefix+key, w)
}
