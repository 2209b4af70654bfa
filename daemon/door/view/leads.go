package view

import (
	"slices"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// LeadView is a lead as listed.
type LeadView struct {
	Contact string `json:"contact"`
	Name    string `json:"name"`
	Company string `json:"company"`
	Title   string `json:"title"`
	Phone   string `json:"phone"`
	NamedBy string `json:"named_by"`
	Time    string `json:"time"`
	Said    string `json:"said"`
	Spoken  string `json:"spoken"` // when they were spoken to first, "" for not yet
	Next    string `json:"next"`   // the next call
	Desk    string `json:"desk"`
}

// Leads lists who was named by whom, the latest first.
func Leads(r *book.Runner) ([]LeadView, error) {
	out := []LeadView{}
	zone := r.Current().Zone
	err := r.State.View(func(tx *store.Tx) error {
		all, err := tx.Contacts()
		if err != nil {
			return err
		}
		open, err := book.OpenCallbacks(tx)
		if err != nil {
			return err
		}
		calls, err := tx.Calls()
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(c *desk.Contact) bool { return c.Referral == nil || c.Into != "" })
		slices.SortFunc(all, func(a, b *desk.Contact) int { return b.Referral.Time.Compare(a.Referral.Time) })
		for _, c := range all {
			v := LeadView{Contact: desk.Handle(c), Name: c.Name, Company: c.Company, Title: c.Title, Phone: c.Phone, Time: desk.Stamp(c.Referral.Time, zone), Said: c.Referral.Said, Desk: r.Name}
			if by, err := tx.Contact(c.Referral.By); err != nil {
				return err
			} else if by != nil {
				v.NamedBy = desk.Handle(by)
			}
			ts, err := tx.Touches(c)
			if err != nil {
				return err
			}
			v.Spoken = desk.Stamp(desk.FirstConversation(ts), zone)
			if cb := open[c.ID]; cb.Open() {
				v.Next = desk.Stamp(cb.Start, zone)
			}
			for i := range calls {
				if calls[i].Open() && c.Is(calls[i].Contact) && v.Next == "" {
					v.Next = desk.Stamp(calls[i].Start, zone)
				}
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}
