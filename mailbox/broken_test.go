package mailbox

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fifthcall/mailbox/message"
)

// TestConnectionBreaksInABody: a connection that breaks while a text is read says nothing about the message, which is read again; only
// one that fails alone, again and again, goes into quarantine.
func TestConnectionBreaksInABody(t *testing.T) {
	for cuts, quarantined := range map[int]bool{1: false, 2: false, 99: true} {
		t.Run(fmt.Sprintf("%d cuts", cuts), func(t *testing.T) {
			s := startOdd(t, threeMessages(), nil)
			left := cuts
			s.odd = func(s *oddServer, _ int, tag, cmd string, w *bufio.Writer) bool {
				if !strings.HasPrefix(cmd, "UID FETCH") || !strings.Contains(cmd, "BODY.PEEK[]") {
					return false
				}
				text := headerOf(9) + "1 spoke, call 2w\r\n"
				s.mu.Lock()
				defer s.mu.Unlock()
				if strings.Contains(cmd, "UID FETCH 9 ") && left > 0 {
					left--
					fmt.Fprintf(w, "* 4 FETCH (UID 9 BODY[]<0> {%d}\r\n%s", len(text), text[:20])
					s.cut = true
					return true
				}
				fmt.Fprintf(w, "* 4 FETCH (UID %s BODY[]<0> {%d}\r\n%s)\r\n%s OK done\r\n", strings.Fields(cmd)[2], len(text), text, tag)
				return true
			}
			sink := newSink()
			w := oddWatcher(s, sink, nil)
			w.Body = func(*message.Message) bool { return true }
			if err := w.SyncOnce(context.Background()); err != nil {
				t.Fatal(err)
			}
			s.mu.Lock()
			s.messages[9], s.messages[10] = headerOf(9), headerOf(10)
			s.mu.Unlock()
			if err := w.SyncOnce(context.Background()); err != nil {
				t.Fatal(err)
			}
			m := sink.got[9]
			if m == nil || (m.Body == nil) != quarantined || (len(sink.bad) == 1) != quarantined {
				t.Errorf("message %+v, in quarantine: %v", m, sink.bad)
			}
			if next := sink.got[10]; next == nil || next.Body == nil {
				t.Error("the message behind it was not read")
			}
			if !slices.Equal(sink.uids(), []int{1, 2, 3, 9, 10}) || sink.cursor["INBOX"].Last != 10 {
				t.Errorf("%v, cursor %v", sink.uids(), sink.cursor)
			}
		})
	}
}

// TestMissingFolderAppears: a configured folder that isn't there at first, or was deleted and made anew, is read at the next poll after
// it is there.
func TestMissingFolderAppears(t *testing.T) {
	var there atomic.Bool
	s := startOdd(t, threeMessages(), func(_ *oddServer, _ int, tag, cmd string, w *bufio.Writer) bool {
		if !strings.HasPrefix(cmd, "LIST") || !there.Load() {
			return false
		}
		fmt.Fprintf(w, "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Projects\r\n%s OK\r\n", tag)
		return true
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	missed := false
	w := oddWatcher(s, newSink(), func(e Event) {
		if len(e.Missing) > 0 {
			missed = true
		}
		if e.Folder == "INBOX" && e.Read && missed {
			there.Store(true)
		}
		if e.Folder == "Projects" && e.Read {
			cancel()
		}
	})
	w.Folders, w.Reconcile = []string{"Projects"}, time.Hour
	stop := time.AfterFunc(time.Minute, cancel)
	defer stop.Stop()
	_ = w.Run(ctx)
	if !stop.Stop() {
		t.Error("the folder was never read")
	}
}

// TestNoStatusOfTheSelectedFolder: a server tells of the folder that is open as it was opened, so it is opened anew instead.
func TestNoStatusOfTheSelectedFolder(t *testing.T) {
	var mu sync.Mutex
	selected, polls := map[int]string{}, 0
	s := startOdd(t, threeMessages(), func(_ *oddServer, session int, _, cmd string, _ *bufio.Writer) bool {
		mu.Lock()
		defer mu.Unlock()
		verb, rest, _ := strings.Cut(cmd, " ")
		name, _, _ := strings.Cut(rest, " ")
		switch name = strings.Trim(name, `"`); {
		case verb == "EXAMINE":
			selected[session] = name
		case verb == "STATUS" && selected[session] == name:
			t.Errorf("STATUS of %s, which is selected", name)
		}
		return false
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := oddWatcher(s, newSink(), func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Folder == "INBOX" && e.Read {
			if polls++; polls == 4 {
				cancel()
			}
		}
	})
	stop := time.AfterFunc(time.Minute, cancel)
	_ = w.Run(ctx)
	if !stop.Stop() {
		t.Error("the folder was not looked at again")
	}
}
