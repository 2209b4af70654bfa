package book

import (
	"slices"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// Placements are all placements of the desk.
func Placements(tx *store.Tx) (out []desk.Placement, err error) {
	err = EachRecord(tx, desk.PlacementPrefix, func(p desk.Placement) { out = append(out, p) })
	slices.SortFunc(out, func(a, b desk.Placement) int { return a.Agreed.Compare(b.Agreed) })
	return out, err
}
