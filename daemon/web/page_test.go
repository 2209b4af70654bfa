package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// oneDesk has a page behind a key, and counts how often it is made.
type oneDesk struct{ made int }

func (*oneDesk) Opens(key string) bool { return key == "right" }

func (d *oneDesk) Page(key string) (Page, bool, error) {
	d.made++
	return Page{Name: "sam"}, key == "right", nil
}

func (*oneDesk) Say(_, _, _ string) (said []string, ok bool, err error) { return nil, false, nil }

// TestSignInMakesNoPage: the link is checked without making what it leads to, which takes seconds on a large desk.
func TestSignInMakesNoPage(t *testing.T) {
	d := &oneDesk{}
	h := New(nil, d, Options{}).Handler(prometheus.NewRegistry(), false)
	for key, want := range map[string]int{"right": http.StatusOK, "wrong": http.StatusNotFound} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/page/"+key, nil))
		if rec.Code != want || d.made != 0 {
			t.Errorf("%s: %d, and the page was made %d times", key, rec.Code, d.made)
		}
	}
}
