package people_test

import (
	"errors"
	"testing"

	"fifthcall/daemon/book"
	"fifthcall/daemon/book/booktest"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// TestFirmsAreNobodysCopies: what a transaction changes in a contact, and then takes back, nobody sees by the contact's firm.
func TestFirmsAreNobodysCopies(t *testing.T) {
	d := booktest.Open(t)
	d.Contact("jane@globex.example", func(c *desk.Contact) {
		c.Name, c.Company, c.Roles = "Jane", "Globex", []desk.Role{desk.RoleDecisionMaker}
	})
	failed := errors.New("taken back")
	err := d.Try(func(tx *book.Tx) error {
		if _, err := tx.Contacts(); err != nil {
			return err
		}
		if _, _, err := people.Firms(tx.Tx); err != nil {
			return err
		}
		c, err := tx.ContactByEmail("jane@globex.example")
		if err != nil {
			return err
		}
		c.Name = "Somebody else"
		return errors.Join(tx.PutContact(c), failed)
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	err = d.State.View(func(tx *store.Tx) error {
		byFirm, _, err := people.Firms(tx)
		for _, firm := range byFirm {
			for _, c := range firm {
				if c.Name != "Jane" {
					t.Errorf("%q", c.Name)
				}
			}
		}
		if len(byFirm) != 1 {
			t.Errorf("%d firms", len(byFirm))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
