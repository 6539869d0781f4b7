#include "web/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace sluice::web {

namespace http = boost::beast::http;
using boost::beast::error_code;

namespace {

// Chunks smaller than this on average are a way to make us work without sending anything.
constexpr size_t kMinAverageChunk = 16;
constexpr size_t kFreeChunks = 1024;

std::string_view std_view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

class RequestReader::Parser : public http::basic_parser<true> {
 public:
  explicit Parser(size_t max_header) : max_header_(max_header) {
    header_limit(static_cast<uint32_t>(max_header));
    body_limit(boost::none);  // ours depends on the path, which only the header tells
    eager(false);
  }

  Progress parse(std::string& buffer) {
    while (error_status_ == 0 && !is_done()) {
      error_code failure;
      const bool had_header = is_header_done();
      const size_t used = put(boost::asio::buffer(buffer), failure);
      if (failure && failure != http::error::need_more) {
        fail(failure, started_ || buffer.find('\n') < max_header_);
        break;
      }
      buffer.erase(0, used);
      if (!had_header && is_header_done()) {
        eager(true);
        check_header();
        if (error_status_ == 0) {
          return Progress::kHeaderDone;
        }
      } else if (failure || (used == 0 && !is_done())) {
        if (buffer.size() <= max_header_) {
          return Progress::kNeedMore;
        }
        // Only the header is limited by the parser itself.
        set_error(431, "a chunk header or trailer is larger than " + std::to_string(max_header_) +
                           " bytes");
      }
    }
    return error_status_ != 0 ? Progress::kFailed : Progress::kDone;
  }

  bool set_body_limit(size_t limit) {
    body_limit_ = limit;
    const auto announced = content_length();
    if (announced && *announced > limit) {
      fail_too_large();
      return false;
    }
    return true;
  }

  Request request_;
  int error_status_ = 0;
  std::string error_text_;

 private:
  void set_error(int status, std::string text) {
    error_status_ = status;
    error_text_ = std::move(text);
  }

  void fail_too_large() {
    set_error(413, "the request body is larger than " + std::to_string(body_limit_) + " bytes");
  }

  void fail(error_code failure, bool line_complete) {
    if (error_status_ != 0) {
      return;  // set where it was found
    }
    if (failure == http::error::header_limit) {
      const std::string limit = std::to_string(max_header_) + " bytes";
      if (line_complete) {
        set_error(431, "the request header is larger than " + limit);
      } else {
        set_error(414, "the request line is longer than " + limit);
      }
    } else if (failure == http::error::bad_version) {
      set_error(505, "the HTTP version is not supported");
    } else {
      set_error(400, "malformed HTTP request: " + failure.message());
    }
  }

  void check_header() {
    if (request_.http_1_1 && !request_.headers.has("Host")) {
      set_error(400, "the Host field is missing");
    } else if (request_.headers.has("Transfer-Encoding") && !chunked()) {
      // Guessing where such a body ends would let requests hide in it.
      set_error(501, "the transfer coding is not supported");
    }
  }

  void on_request_impl(http::verb, boost::beast::string_view method,
                       boost::beast::string_view target, int version, error_code& ec) override {
    started_ = true;
    request_.method = std_view(method);
    request_.target = std_view(target);
    request_.http_1_1 = version >= 11;
    auto url = web::parse_target(request_.target);
    if (!url) {
      set_error(400, "malformed request target");
      ec = http::error::bad_target;
      return;
    }
    request_.url = std::move(*url);
  }

  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}

  void on_field_impl(http::field, boost::beast::string_view name, boost::beast::string_view value,
                     error_code&) override {
    if (!is_header_done()) {  // fields of a trailer are not part of the header
      request_.headers.add(std_view(name), std_view(value));
    }
  }

  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}

  size_t on_body_impl(boost::beast::string_view body, error_code& ec) override {
    if (request_.body.size() + body.size() > body_limit_) {
      fail_too_large();
      ec = http::error::body_limit;
      return 0;
    }
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(uint64_t, boost::beast::string_view, error_code& ec) override {
    if (++chunks_ > kFreeChunks + request_.body.size() / kMinAverageChunk) {
      set_error(400, "the chunks of the request body are too small");
      ec = http::error::bad_chunk;
    }
  }

  size_t on_chunk_body_impl(uint64_t, boost::beast::string_view body, error_code& ec) override {
    return on_body_impl(body, ec);
  }

  void on_finish_impl(error_code&) override {}

  size_t max_header_;
  size_t body_limit_ = 0;
  size_t chunks_ = 0;
  bool started_ = false;
};

RequestReader::RequestReader(size_t max_header) : parser_(std::make_unique<Parser>(max_header)) {}

RequestReader::~RequestReader() = default;

RequestReader::Progress RequestReader::parse(std::string& buffer) {
  return parser_->parse(buffer);
}

bool RequestReader::set_body_limit(size_t limit) {
  return parser_->set_body_limit(limit);
}

Request& RequestReader::request() {
  return parser_->request_;
}

bool RequestReader::expects_continue() const {
  return parser_->request_.http_1_1 && !parser_->is_done() &&
         parser_->request_.headers.lists("Expect", "100-continue");
}

bool RequestReader::keep_alive() const {
  return parser_->keep_alive();
}

int RequestReader::error_status() const {
  return parser_->error_status_;
}

const std::string& RequestReader::error_text() const {
  return parser_->error_text_;
}

}  // namespace sluice::web
