package daemon

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/morning"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/web"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/reports"
)

// twoDesks is a world of two desks, sam's and kim's.
func twoDesks(t *testing.T, change ...func(*config.Config)) (w *world, kim *book.Runner) {
	w = newWorld(t)
	w.restart("2026-03-02", "09:00", append([]func(*config.Config){func(c *config.Config) {
		second := c.Desks[0]
		second.Name, second.Email = "kim", "kim@firm.example"
		c.Desks = append(c.Desks[:1:1], second)
		for i := range c.Desks {
			c.Desks[i].Agency.Clients, c.Desks[i].Agency.OwnerDays = config.ClientsFlag, config.Duration(180*24*time.Hour)
		}
	}}, change...)...)
	return w, w.Daemon.desks[1]
}

// both has what one desk gave the other arrive.
func both(w *world, desks ...*book.Runner) {
	w.t.Helper()
	for _, r := range desks {
		if err := agency.DeliverHandOvers(context.Background(), r, w.now); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) tell(r *book.Runner, text string) string {
	w.t.Helper()
	out, err := command.LogText(context.Background(), r, text, w.now)
	if err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return out[len(out)-1].Said
}

func textOf(t *testing.T, w *world, r *book.Runner) string {
	t.Helper()
	v, err := morning.Today(r, w.now)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(v.Text), " ")
}

// TestOthersClient: an order from a client that is another desk's is flagged to both, or given to the owner, as configured.
func TestOthersClient(t *testing.T) {
	t.Parallel()
	w, kim := twoDesks(t)
	w.tell(kim, "new: Jane Miller <jane@acme.example>, CFO at Acme, decision maker")
	w.tell(kim, "jane@acme.example spoke, SECRET")
	w.log("new: Bo Lee <bo@acme.example>, HR at Acme, client")
	said := w.tell(w.r, "bo@acme.example job: Welder")
	if !strings.Contains(said, "mind: Acme is kim's client") || strings.Contains(said, "SECRET") {
		t.Error(said)
	}
	both(w, w.r, kim)
	if body := textOf(t, w, kim); !strings.Contains(body, "Your colleague sam took an order from Acme, who are your client: JO1 Welder @ Acme") {
		t.Error(body)
	}
	if said := w.tell(kim, "jane@acme.example job: Fitter"); !strings.Contains(said, "sam's client") {
		t.Errorf("who has the only open order has the client: %s", said)
	}

	w, kim = twoDesks(t, func(c *config.Config) {
		for i := range c.Desks {
			c.Desks[i].Agency.Clients = config.ClientsHandOver
		}
	})
	w.tell(kim, "new: Jane Miller <jane@acme.example>, CFO at Acme, decision maker")
	w.tell(kim, "jane@acme.example spoke")
	w.log("new: Bo Lee <bo@acme.example>, HR at Acme, client")
	if said := w.tell(w.r, "bo@acme.example job: Welder"); !strings.Contains(said, "handed over to kim") {
		t.Error(said)
	}
	both(w, w.r, kim)
	if all, err := view.Orders(kim, false); err != nil || len(all) != 1 || all[0].Number != "JO1" || all[0].Contact != "bo@acme.example" {
		t.Errorf("%+v %v", all, err)
	}
	if all, err := view.Orders(w.r, false); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}

// TestPrivateStays: with a hand-over goes the history, but no note marked as private, and no mail's subject unless that is allowed; undo brings it back.
func TestPrivateStays(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		w, kim := twoDesks(t, func(c *config.Config) { c.Desks[0].Agency.Subjects = allowed })
		w.pass()
		w.writeTo(jane)
		w.log("jane@acme.example dm")
		w.log("jane@acme.example note private: divorce")
		w.log("jane@acme.example note likes tea")
		w.log("jane@acme.example spoke, private: wants to leave")
		w.log("jane@acme.example job: Welder")
		subject := w.touchesOf("jane@acme.example")[0].Subject
		w.log("JO1 private: they pay late")
		w.put("Sent", w.mail("Sam <sam@firm.example>", "sam@firm.example", "note", "JO1 hand over to kim\r\n"))
		w.pass()
		both(w, w.r, kim)
		all, err := view.Contacts(kim, "", view.Part{})
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v %v", all, err)
		}
		order, err := view.Order(kim, "JO1")
		if err != nil || len(order.Facts) != 1 || strings.Contains(strings.Join(order.Facts, ""), "pay late") {
			t.Errorf("%+v %v", order, err)
		}
		ts, err := view.Touches(kim, "jane@acme.example", view.Part{})
		if err != nil || len(ts) < 2 {
			t.Fatalf("%+v %v", ts, err)
		}
		got := ""
		for _, x := range ts {
			got += x.Note + "|" + x.Subject + "\n"
		}
		if strings.Contains(got, "wants to leave") || subject == "" || strings.Contains(got, subject) != allowed {
			t.Errorf("allowed %v: %s", allowed, got)
		}
		w.put("Sent", w.mail("Sam <sam@firm.example>", "sam@firm.example", "note", "undo\r\n"))
		w.pass()
		both(w, w.r, kim)
		if mine, err := view.Order(w.r, "JO1"); err != nil || mine.Status != "open" {
			t.Errorf("%+v %v", mine, err)
		}
		if hers, err := view.Order(kim, "JO1"); err != nil || hers.Status != "closed" || hers.Reason != "taken back by sam" {
			t.Errorf("%+v %v", hers, err)
		}
	}
}

// TestStepsOfOthers: a playbook's step that another desk does becomes a call there at its time, and is over with the order.
func TestStepsOfOthers(t *testing.T) {
	t.Parallel()
	w, kim := twoDesks(t, func(c *config.Config) {
		read := &config.Config{Playbooks: []config.PlaybookConfig{{Name: "advert", Words: []string{"welder"}, Steps: []string{"task write the advert in 1d by kim"}}}}
		var r config.Reader
		c.Desks[0].Playbooks = read.ReadPlaybooks(&r)
		c.Desks[1].Playbooks = c.Desks[0].Playbooks
	})
	w.log("new: Bo Lee <bo@acme.example>, HR at Acme, client")
	w.at("2026-03-02", "10:00")
	w.log("bo@acme.example job: Welder")
	w.pass()
	both(w, w.r, kim)
	hers := func() (out []string) {
		all, err := view.Callbacks(kim, false, view.Part{})
		if err != nil {
			t.Fatal(err)
		}
		for _, cb := range all {
			out = append(out, cb.Reason+" "+cb.Start)
		}
		return out
	}
	if got := hers(); len(got) != 1 || !strings.Contains(got[0], "write the advert: JO1 Welder @ Acme, sam's order 2026-03-03T10:00") {
		t.Errorf("%q", got)
	}
	w.log("JO1 closed")
	w.passes("2026-03-02", "10:05")
	both(w, w.r, kim)
	if got := hers(); len(got) != 0 {
		t.Errorf("the order is over: %q", got)
	}
}

// TestLeadSeesTheAgency: a lead's morning mail and page have the figures of all desks, and at the month's end the companies that are red, by name; others see their own desk only.
func TestLeadSeesTheAgency(t *testing.T) {
	t.Parallel()
	w, kim := twoDesks(t, func(c *config.Config) { c.Desks[0].Lead = true })
	w.tell(kim, "new: Jane Miller <jane@acme.example>, CFO at Acme, decision maker")
	w.tell(kim, "new: Uma Fox <uma@initech.example>, CFO at Initech, decision maker")
	w.tell(kim, "jane@acme.example spoke, SECRET")
	w.log("ann@globex.example dm")
	w.at("2026-03-31", "07:30")
	body := textOf(t, w, w.r)
	if !strings.Contains(body, "kim: 1 conversations, 1 new dms,") || !strings.Contains(body, "red: Initech (kim)") || strings.Contains(body, "SECRET") {
		t.Error(body)
	}
	if body := textOf(t, w, kim); strings.Contains(strings.ToLower(body), "the agency this month") {
		t.Error(body)
	}
	src := feedSource{w.Daemon}
	mine, ok, err := src.Page(w.Daemon.pageKey(w.r))
	if err != nil || !ok || len(mine.Agency) != 2 || mine.Agency[1].Desk != "kim" && mine.Agency[0].Desk != "kim" {
		t.Errorf("%+v %v", mine, err)
	}
	hers, ok, err := src.Page(w.Daemon.pageKey(kim))
	if err != nil || !ok || hers.Name != "kim" || len(hers.Agency) != 0 {
		t.Errorf("%+v %v", hers, err)
	}
	red := slices.ContainsFunc(hers.Board, func(c web.Company) bool { return c.Name == "Initech" && c.Lights[len(c.Lights)-1] == "red" })
	if !red || slices.ContainsFunc(hers.Board, func(c web.Company) bool { return c.Name == "Globex" || c.Name == "globex.example" }) {
		t.Errorf("%+v", hers.Board)
	}
}

// TestPageTakesWords: the page's form logs what is said once, however often it is sent; other sites can't send it, nor who isn't signed in.
func TestPageTakesWords(t *testing.T) {
	t.Parallel()
	w, _ := twoDesks(t)
	srv := w.pageServer()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(form url.Values, cookie, site string) *http.Response {
		req, err := http.NewRequest("POST", srv.URL+"/say", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			req.AddCookie(&http.Cookie{Name: "fifthcall", Value: cookie})
		}
		if site != "" {
			req.Header.Set("Sec-Fetch-Site", site)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res
	}
	key := w.Daemon.pageKey(w.r)
	form := url.Values{"once": {"a1"}, "text": {"new: Bo Lee <bo@acme.example>, HR at Acme, client\nbo@acme.example job: Welder"}}
	if res := post(form, "", ""); res.StatusCode != http.StatusUnauthorized {
		t.Error(res.Status)
	}
	if res := post(form, key+"x", ""); res.StatusCode != http.StatusUnauthorized {
		t.Error(res.Status)
	}
	if res := post(form, key, "cross-site"); res.StatusCode != http.StatusForbidden {
		t.Error(res.Status)
	}
	for range 2 {
		if res := post(form, key, "same-origin"); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/?said=a1" {
			t.Error(res.Status, res.Header)
		}
	}
	// the state knows it, too, so that a restart between the two makes no difference
	if said, ok, err := (feedSource{w.Daemon}).Say(key, "a1", form.Get("text")); err != nil || !ok || said[0] != "That was taken before." {
		t.Errorf("%q %v %v", said, ok, err)
	}
	if all, err := view.Orders(w.r, false); err != nil || len(all) != 1 || all[0].Title != "Welder" {
		t.Errorf("%+v %v", all, err)
	}
	if body := w.pageText(srv, key, "/?said=a1"); !strings.Contains(body, "opened JO1 Welder") || !strings.Contains(body, `class="light red">red<`) {
		t.Error(body)
	}
	post(url.Values{"once": {"a2"}, "text": {"bo@acme.example frobnicated"}}, key, "same-origin")
	if body := w.pageText(srv, key, "/?said=a2"); !strings.Contains(body, "Nothing was changed") {
		t.Error(body)
	}
	if body := w.pageText(srv, key, "/?said=<script>alert(1)</script>"); strings.Contains(body, "<script>") {
		t.Error(body)
	}
}

// pageServer serves the daemon's page.
func (w *world) pageServer() *httptest.Server {
	srv := httptest.NewServer(w.Daemon.web.Handler(w.Daemon.registry(), false))
	w.t.Cleanup(srv.Close)
	return srv
}

func (w *world) pageText(srv *httptest.Server, key, path string) string {
	w.t.Helper()
	req, err := http.NewRequest("GET", srv.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "fifthcall", Value: key})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		w.t.Fatalf("%s %v", res.Status, err)
	}
	return string(body)
}

// TestAgencyReport: the figures of all desks add up, averages over all that they stand on, each with the desk in its evidence.
func TestAgencyReport(t *testing.T) {
	t.Parallel()
	w, kim := twoDesks(t)
	for i, r := range []*book.Runner{w.r, kim, kim} {
		who := []string{"ann", "bobby", "christine"}[i] + "@acme.example"
		w.at("2026-03-02", "09:00")
		w.tell(r, who+" dm")
		w.tell(r, who+" spoke")
		w.tell(r, who+" job: Welder")
		w.at("2026-03-0"+string(rune('3'+i)), "09:00")
		w.tell(r, "li@post.example submitted to JO"+string(rune('1'+i)))
	}
	v, err := reports.AgencyReport(w.Daemon.runners(), reports.ReportRequest{Kind: "month", Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]reports.FigureView{}
	for _, f := range v.Figures {
		got[f.Name] = f
	}
	if f := got["conversations"]; f.Value != 3 || len(f.Evidence) != 3 || !strings.HasPrefix(f.Evidence[2], "kim/") {
		t.Errorf("%+v", f)
	}
	if f := got["time_to_submit"]; int(f.Value*10+0.5) != 20 || f.Unit != "days" {
		t.Errorf("%+v", f)
	}
}

// TestRedByName: on a month's last working day the mail lists the companies that are red, and its numbers can be answered.
func TestRedByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.restart("2026-03-02", "12:30")
	w.pass()
	w.log("new: Jane Miller <jane@acme.example>, CFO at Acme, decision maker")
	w.log("new: Uma Fox <uma@initech.example>, CFO at Initech, decision maker")
	w.log("uma@initech.example spoke")
	w.passes("2026-03-31", "07:30")
	mail := w.morningMail()
	n := w.number(mail, "red: Acme")
	if body := text(mail); strings.Contains(body, "red: Initech") {
		t.Error(body)
	}
	w.answer(mail, "Sent", n+" spoke, at last")
	w.pass()
	if c := w.contact("jane@acme.example"); c.Light != "green" {
		t.Errorf("%+v", c)
	}
}
