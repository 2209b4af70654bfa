package orders_test

import (
	"testing"

	"fifthcall/daemon/book"
	"fifthcall/daemon/book/booktest"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/orders"
)

// TestOpenOrder holds what is understood of an order as it is told.
func TestOpenOrder(t *testing.T) {
	for text, c := range map[string]struct {
		title, company string
		client         string // address of whose order it is; "" for nobody's
	}{
		"Backend engineer at Globex":           {"Backend engineer", "Globex", "jane@globex.example"},
		"Accountant":                           {"Accountant", "", ""},
		"Nurse at Initech":                     {"Nurse", "Initech", ""},       // nobody is known there
		"Controller at Umbrella":               {"Controller", "Umbrella", ""}, // two are: which isn't guessed
		"Head of sales at Globex, start 1 May": {"Head of sales", "Globex", "jane@globex.example"},
	} {
		t.Run(text, func(t *testing.T) {
			d := booktest.Open(t)
			for addr, company := range map[string]string{"jane@globex.example": "Globex", "ann@umbrella.example": "Umbrella", "bob@umbrella.example": "Umbrella"} {
				d.Contact(addr, func(x *desk.Contact) { x.Company, x.Roles = company, []desk.Role{desk.RoleDecisionMaker} })
			}
			var o *desk.JobOrder
			d.Do(func(tx *book.Tx) error {
				if _, err := orders.OpenOrder(tx, words.Command{Verb: words.VerbJobOrder, Note: text}, nil); err != nil {
					return err
				}
				all, err := tx.Orders()
				if err != nil || len(all) != 1 {
					t.Fatal(len(all), err)
				}
				o = &all[0]
				return nil
			})
			client := ""
			if c.client != "" {
				client = desk.ContactID(c.client)
			}
			if o.Title != c.title || o.Company != c.company || o.Contact != client || o.Status != desk.OrderOpen {
				t.Errorf("%+v", o)
			}
		})
	}
}
