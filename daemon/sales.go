package daemon

import (
	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

func (r *runner) salesEvents(tx *store.Tx, env desk.Env) ([]shown, error) { return nil, nil }

func (e *collectionEdit) salesMoved(o *collectionObject, old, res *calendar.Resource) error {
	return nil
}

func (e *collectionEdit) salesDismissed(key string) error { return nil }
