package store

import (
	"errors"
	"fmt"

	"fifthcall/daemon/desk"
)

// NextOrderNumber is a number that no job order of any desk had before; a transaction that
// fails leaves a gap.
func (tx *Tx) NextOrderNumber() (int, error) {
	if tx.numbers == nil {
		return 0, errors.New("numbers are given to writers only")
	}
	n := tx.numbers.next()
	return n, tx.set(fmt.Appendf(nil, "%s%08d", orderNumbers, n), nil)
}

// PutOrder stores a job order.
func (tx *Tx) PutOrder(o *desk.JobOrder) error {
	return tx.setJSON(tx.key('r', fmt.Sprintf("%08d", o.Number)), o)
}

// Order is the job order of the number, nil if this desk has none such.
func (tx *Tx) Order(number int) (*desk.JobOrder, error) {
	o := new(desk.JobOrder)
	ok, err := tx.getJSON(tx.key('r', fmt.Sprintf("%08d", number)), o)
	if !ok || err != nil {
		return nil, err
	}
	return o, nil
}

// Orders are all job orders of the desk as they were before this transaction, by number.
func (tx *Tx) Orders() ([]desk.JobOrder, error) { return list[desk.JobOrder](tx, tx.key('r')) }

// DropOrder takes a job order back; its number stays used.
func (tx *Tx) DropOrder(number int) error {
	return tx.delete(tx.key('r', fmt.Sprintf("%08d", number)))
}
