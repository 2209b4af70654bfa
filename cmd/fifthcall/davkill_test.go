package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/mailtest"
)

// TestKillWhileDragging kills the daemon at random instants while a calendar writes to it. What was acknowledged is there, once; what was not may
// be there, once.
func TestKillWhileDragging(t *testing.T) {
	ms, err := mailtest.Start("firm.example", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ms.Close() })
	if err := ms.AddUser("sam", "pw"); err != nil {
		t.Fatal(err)
	}
	bin, config := build(t), deskConfig(t, ms, "")
	base := fmt.Sprintf("http://127.0.0.1:%d/caldav/sam/", mailtest.FreePort(t))
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, config, strings.Replace(string(text), "127.0.0.1:0", strings.TrimSuffix(strings.TrimPrefix(base, "http://"), "/caldav/sam/"), 1), 0o600)
	out := func(args ...string) string {
		b, err := exec.Command(bin, append([]string{"--config", config}, args...)...).Output()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return strings.TrimSpace(string(b))
	}
	out("sync")
	password := out("caldav", "password")
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	first := time.Now().AddDate(0, 0, 3).UTC().Truncate(time.Hour)
	starts := map[string]time.Time{} // acknowledged, by address
	n := 0
	rounds := 3
	if mailtest.Long() {
		rounds = 8
	}
	for range rounds {
		cmd := exec.Command(bin, "--config", config, "run")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		mailtest.Eventually(t, "the daemon to serve", func() bool {
			req, err := http.NewRequest(http.MethodOptions, base, nil)
			if err != nil {
				return false
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return false
			}
			_ = res.Body.Close()
			return true
		})
		last := 1 + rng.IntN(20) // writes before the kill, which comes somewhere in the next one: counted, so that it is the same on any machine
		for i := 0; ; i++ {
			if i == last {
				go func() {
					kill := time.NewTimer(time.Duration(rng.IntN(4000)) * time.Microsecond)
					<-kill.C
					_ = cmd.Process.Kill()
				}()
			}
			n++
			who := fmt.Sprintf("p%d@new.example", n)
			at := first.Add(time.Duration(n) * 15 * time.Minute)
			if !putEvent(base+"callbacks/"+fmt.Sprint(n)+".ics", password, who, at) {
				break
			}
			starts[who] = at
		}
		_ = cmd.Wait()
	}
	var cbs []view.CallbackView
	if err := json.Unmarshal([]byte(out("callbacks", "list", "--json")), &cbs); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, cb := range cbs {
		seen[cb.Contact]++
		at, err := time.Parse(time.RFC3339, cb.Start)
		if want, ok := starts[cb.Contact]; err != nil || ok && !want.Equal(at) {
			t.Errorf("%s at %s, acknowledged for %s", cb.Contact, cb.Start, want)
		}
	}
	for who := range starts {
		if seen[who] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", who, seen[who])
		}
	}
	for who, times := range seen {
		if times > 1 {
			t.Errorf("%s is there %d times", who, times)
		}
	}
	t.Logf("%d acknowledged, %d calls owed", len(starts), len(seen))
	if len(starts) == 0 {
		t.Error("nothing was acknowledged before a kill")
	}
}

// putEvent reports whether the server acknowledged a new event.
func putEvent(url, password, who string, at time.Time) bool {
	body := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\nBEGIN:VEVENT\r\nUID:" + who + "\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:" + at.Format("20060102T150405Z") + "\r\nSUMMARY:Call " + who + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	req, err := http.NewRequest(http.MethodPut, url, strings.NewReader(body))
	if err != nil {
		return false
	}
	req.SetBasicAuth("sam", password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode == http.StatusCreated
}
