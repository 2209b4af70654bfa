package morning

import (
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
)

// TodayView is what the day asks for: the morning mail's content.
type TodayView struct {
	Desk       string              `json:"desk"`
	Date       string              `json:"date"`
	Callbacks  []view.CallbackView `json:"callbacks"`
	Surplus    int                 `json:"surplus"` // older callbacks that today has no room for
	Unanswered []WaitingView       `json:"unanswered"`
	Asks       []string            `json:"asks"`
	Trouble    []string            `json:"trouble"`
	Text       string              `json:"text"` // as the morning mail says it
}

// WaitingView is a mail that waits for an answer.
type WaitingView struct {
	Contact string `json:"contact"`
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Since   string `json:"since"`
}

// Today lists what is to be done on the day of now, as the morning mail would.
func Today(r *book.Runner, now time.Time) (TodayView, error) {
	env := r.Env(now)
	v := TodayView{Desk: r.Name, Date: env.Today().String(), Callbacks: []view.CallbackView{}, Unanswered: []WaitingView{}, Asks: []string{}, Trouble: []string{}}
	err := r.State.View(func(tx *store.Tx) error {
		b, err := newBrief(r, tx, env)
		if err != nil {
			return err
		}
		v.Surplus, v.Text = b.surplus, b.page(env).Text()
		v.Trouble = append(v.Trouble, b.trouble...)
		for _, w := range b.waiting {
			v.Unanswered = append(v.Unanswered, WaitingView{desk.Handle(w.contact), w.contact.DisplayName(), w.mail.Subject, desk.Stamp(w.mail.Time, env.Zone)})
		}
		for _, a := range b.asks {
			v.Asks = append(v.Asks, a.Head)
		}
		for _, d := range b.due {
			cv := view.CallbackViewOf(r, &d.callback, d.contact)
			if age := d.callback.Age(env.Today()); age != "" {
				cv.Reason += " (" + age + ")"
			}
			v.Callbacks = append(v.Callbacks, cv)
		}
		return nil
	})
	return v, err
}
