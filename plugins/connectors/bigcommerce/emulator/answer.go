package emulator

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// send writes an answer in one piece, so that its length is known to the client.
func send(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil { // only plain values are ever sent
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	sendJSON(w, status, data)
}

func sendJSON(w http.ResponseWriter, status int, data []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// fail writes an error in the form of the API's version that was asked: an object from V3, an array from V2.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int, message string) {
	if strings.HasPrefix(r.URL.Path, "/stores/"+s.hash+"/v2/") {
		send(w, status, []any{map[string]any{"status": status, "message": message}})
		return
	}
	send(w, status, map[string]any{"status": status, "title": message,
		"type": "about:blank", "errors": map[string]string{}})
}

// invalid refuses parameters, as V3 does.
func (s *Server) invalid(w http.ResponseWriter, r *http.Request, parameter, problem string) {
	if strings.Contains(r.URL.Path, "/v2/") {
		s.fail(w, r, http.StatusBadRequest, parameter+": "+problem)
		return
	}
	send(w, http.StatusUnprocessableEntity, map[string]any{"status": http.StatusUnprocessableEntity,
		"title": "The parameters are not valid.", "type": "about:blank", "errors": map[string]string{parameter: problem}})
}
