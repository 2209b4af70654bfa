package store

import (
	"encoding/json"
	"slices"

	"fifthcall/daemon/desk"
)

// AddNews notes something to be told in the next morning mail, once for each ID.
func (tx *Tx) AddNews(n desk.News) error {
	key := tx.key('m', n.ID)
	if v, err := tx.get(key); v != nil || err != nil {
		return err
	}
	return tx.setJSON(key, n)
}

// PutNews stores news that are there already.
func (tx *Tx) PutNews(n desk.News) error { return tx.setJSON(tx.key('m', n.ID), n) }

// News are all that was noted, oldest first, told or not.
func (tx *Tx) News() ([]desk.News, error) {
	var out []desk.News
	err := tx.scan(tx.key('m'), func(_, v []byte) error {
		var n desk.News
		err := json.Unmarshal(v, &n)
		out = append(out, n)
		return err
	})
	slices.SortStableFunc(out, func(a, b desk.News) int { return a.Time.Compare(b.Time) })
	return out, err
}

// DropNews forgets one.
func (tx *Tx) DropNews(id string) error { return tx.delete(tx.key('m', id)) }

// PutIssued stores what the numbers of a mail to the recruiter mean.
func (tx *Tx) PutIssued(i *desk.Issued) error { return tx.setJSON(tx.key('i', i.ID), i) }

// Issued is the mail to the recruiter with the ID, nil if there is none.
func (tx *Tx) Issued(id string) (*desk.Issued, error) {
	i := new(desk.Issued)
	ok, err := tx.getJSON(tx.key('i', id), i)
	if !ok || err != nil {
		return nil, err
	}
	return i, nil
}
