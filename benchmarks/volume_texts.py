"""What is said in made-up calls, in two languages: made for volume, not for truth."""

REASONS = {
    "en": (
        "My internet has been down since Monday evening.",
        "I was charged twice for the same order.",
        "The parcel that should have come on Friday is not here.",
        "I want to cancel my subscription before it renews.",
        "The washing machine you delivered leaks onto the floor.",
        "I cannot log in to my account any more.",
        "My new address is wrong on the contract.",
        "The technician never came yesterday.",
        "I would like to move my booking to another week.",
        "My bill is forty pounds higher than last month.",
        "The refund that I was promised has not arrived.",
        "I would like to know which plan suits me.",
    ),
    "zh": (
        "我家的网络从周一晚上就断了。",
        "同一个订单你们扣了我两次钱。",
        "本该周五到的包裹到现在还没到。",
        "我想在续费之前取消会员。",
        "你们送来的洗衣机漏水漏了一地。",
        "我的账号登录不进去了。",
        "合同上我的新地址写错了。",
        "师傅昨天根本没有来。",
        "我想把预约改到下一周。",
        "这个月的账单比上个月多了四十块。",
        "答应我的退款一直没有到账。",
        "我想了解哪个套餐适合我。",
    ),
}
INSTRUCTIONS = {
    "en": (
        "Please unplug the router and wait thirty seconds.",
        "Could you read me the order number once more?",
        "Clear the cache of your browser and log in again.",
        "Please fill in the form on our website first.",
        "Check whether the light on the box is green.",
        "Hold the reset button down for ten seconds.",
        "Can you confirm your date of birth and your address?",
        "Please send the photographs by e-mail again.",
    ),
    "zh": (
        "请您拔掉路由器的电源，等三十秒。",
        "麻烦您再报一遍订单号。",
        "请清除浏览器缓存后重新登录。",
        "请先在我们的网站上填写表格。",
        "请看一下盒子上的灯是不是绿色的。",
        "请按住重置键十秒钟。",
        "请核实一下您的生日和地址。",
        "请把照片再用邮件发一次。",
    ),
}
REQUESTS = {
    "en": (
        "Can you waive the late fee?",
        "Could somebody come before the weekend?",
        "Can I have the money back on my card instead of a voucher?",
        "Can you send a replacement before I return this one?",
        "May I end the contract early?",
        "Could I speak with your supervisor?",
    ),
    "zh": (
        "能不能把滞纳金免掉？",
        "周末之前能派人来吗？",
        "能不能退回到我的卡里，而不是给代金券？",
        "能不能先寄新的，我再退旧的？",
        "我可以提前解约吗？",
        "能让我和主管说话吗？",
    ),
}
NEEDS = {
    "en": (
        "I wish there was a paper invoice.",
        "Is there no plan for two homes?",
        "I need a delivery slot in the evening.",
        "It would help if I could pause the subscription.",
        "Do you offer an app in large print?",
        "I would pay for someone to install it.",
    ),
    "zh": (
        "要是有纸质发票就好了。",
        "没有两处住房一起用的套餐吗？",
        "我需要晚上送货。",
        "能暂停会员就方便多了。",
        "有没有大字版的应用？",
        "我愿意付钱请人来安装。",
    ),
}
CUSTOMER = {
    "en": (
        "I have already done that, twice.",
        "You are the third person that I tell this to.",
        "Honestly, this is getting ridiculous.",
        "Yes, I can see it now.",
        "No, that does not work either.",
        "So what happens if it breaks again?",
        "I have been waiting for twenty minutes.",
        "All right, thank you, that helps.",
        "My daughter needs it for school tomorrow.",
        "Nobody told me that when I signed.",
        "Fine. I will try it once more.",
        "Why does this happen every single month?",
    ),
    "zh": (
        "这个我已经试过两次了。",
        "我已经跟三个人说过这件事了。",
        "说实话，这太离谱了。",
        "好，我现在看到了。",
        "不行，这样也没用。",
        "要是再坏了怎么办？",
        "我已经等了二十分钟了。",
        "好的，谢谢，这样就清楚了。",
        "我女儿明天上课要用。",
        "签约的时候没有人告诉我。",
        "好吧，我再试一次。",
        "为什么每个月都这样？",
    ),
}
AGENT = {
    "en": (
        "Thank you for calling, how can I help?",
        "I am sorry that you had to call again about this.",
        "One moment please, I am looking it up.",
        "I am afraid that this is our policy.",
        "Is there anything else that I can do for you?",
        "Let me stay on the line until it works.",
        "I can see the order in front of me now.",
        "It failed because the line card was replaced last night.",
        "I will send you a confirmation by text message.",
        "That must have been a long evening for you.",
        "I do not have the authority to do that.",
        "We could change the appliance instead.",
    ),
    "zh": (
        "感谢来电，请问有什么可以帮您？",
        "很抱歉让您为这件事又打一次电话。",
        "请稍等，我查一下。",
        "不好意思，这是我们的规定。",
        "请问还有什么可以帮您的吗？",
        "我会一直陪着您直到修好。",
        "我现在看到您的订单了。",
        "故障是因为昨晚更换了线路板。",
        "我会给您发一条确认短信。",
        "您这一晚上一定很辛苦。",
        "这个我没有权限。",
        "我们可以给您换一台。",
    ),
}
AGENTS = tuple(
    f"{first} {last}"
    for first in ("Ada", "Ben", "Chloé", "Dev", "Elena", "Farah", "Grace", "Hugo", "Inês", "Jin")
    for last in ("Adler", "Brandt", "Castro", "Diaz", "Evans", "Fischer", "Gao", "Haddad", "Ito", "Jensen", "Kim", "Li")
)
TEAMS = ("Billing", "Broadband", "Deliveries", "Mobile", "Retention", "Returns", "Technical", "VIP")
