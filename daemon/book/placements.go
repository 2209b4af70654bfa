package book

import (
	"slices"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Placements are all placements of the desk.
func Placements(tx *store.Tx) (out []desk.Placement, err error) {
	err = store.Placements.Each(tx, "", func(_ string, p *desk.Placement) error { out = append(out, *p); return nil })
	slices.SortFunc(out, func(a, b desk.Placement) int { return a.Agreed.Compare(b.Agreed) })
	return out, err
}
