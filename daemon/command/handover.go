package command

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
)

// takeBackHandOver takes a hand-over back: the other desk closes what it was given, if it has arrived.
func takeBackHandOver(ch *desk.Change, tx *store.Tx, env desk.Env) error {
	h := ch.Handed
	if h == nil {
		return nil
	}
	if err := tx.DropJSON(agency.HandOverPrefix + h.ID); err != nil { // if it waits; it may have arrived all the same
		return err
	}
	back, err := agency.NewHandOver(tx, env, h.From, h.To)
	if err != nil {
		return err
	}
	back.Ends, back.Order = h.ID, h.Order
	return tx.PutJSON(agency.HandOverPrefix+back.ID, back)
}
