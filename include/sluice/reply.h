// Answers that take a while.
#pragma once

#include <functional>

#include "sluice/error.h"

namespace sluice {

/// Takes the answer of a request; called once, on the control thread, after the request has
/// returned. Objects that close before their answer is there answer with an error. An engine that
/// is destroyed before answers nothing; afterwards, requests are refused at once.
template <class T>
using Reply = std::move_only_function<void(Result<T>)>;

}  // namespace sluice
